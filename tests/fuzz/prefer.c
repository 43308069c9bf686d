/* Prefer. */
#include "fuzz.h"
#include "http/request/negotiation.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 1);
    int seconds = negotiate_wait(lines.rows[0]);
    fuzz_require(seconds >= 0 && seconds <= MAX_WAIT_SECONDS, "a wait is bounded");
    fuzz_lines_close(&lines);
    return 0;
}
