/* Authorization. */
#include "auth/token.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 1);
    const char *token = token_in_header(lines.rows[0]);
    if (token != NULL) {
        char digest[TOKEN_DIGEST_SIZE];
        token_digest(token, digest);
        fuzz_require(strlen(digest) == TOKEN_DIGEST_SIZE - 1, "a digest has one length");
        fuzz_require(strstr(lines.rows[0], token) != NULL, "a token is in its header");
    }
    fuzz_lines_close(&lines);
    return 0;
}
