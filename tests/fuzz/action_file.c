/* The first byte chooses CSV or NDJSON, the others are the file. */
#include "api/file/action_file.h"
#include "fuzz.h"
#include "http/message/problem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { MAX_ROWS = 50 };
    if (size == 0) {
        return 0;
    }
    struct exchange exchange = fuzz_exchange("POST", "/v1/imports");
    enum action_file_form form = bytes[0] % 2 == 0 ? ACTION_FILE_CSV : ACTION_FILE_NDJSON;
    const char *file = arena_copy(exchange.arena, (const char *)bytes + 1, size - 1);
    exchange.body = action_file_read(&exchange, form, file, size - 1, MAX_ROWS);
    fuzz_require(exchange.body != NULL || fault_found(&exchange), "a file is read or has a fault");
    fuzz_require(json_array_size(exchange.body) <= MAX_ROWS + 1, "rows are bounded");
    faults_sort(&exchange);
    problem_reply(&exchange, PROBLEM_ROWS_REFUSED, NULL);
    fuzz_check_response(&exchange);
    exchange_end(&exchange);
    return 0;
}
