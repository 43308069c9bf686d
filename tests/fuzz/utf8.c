/* Any bytes, mended. */
#include "base/utf8.h"
#include "base/syntax.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = memory_allocate(size);
    memcpy(copy, bytes, size);
    char *text = memory_allocate(3 * size + 1);
    utf8_mend(copy, size, text);
    fuzz_require(syntax_is_utf8(text, strlen(text)), "mended bytes are UTF-8");
    fuzz_require(!syntax_has_control(text), "and have no control character");
    free(text);
    free(copy);
    return 0;
}
