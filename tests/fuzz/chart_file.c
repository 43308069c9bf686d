/* The first byte chooses CSV or JSON, the others are the chart. */
#include "api/file/chart_file.h"
#include "fuzz.h"
#include "http/message/problem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct exchange exchange = fuzz_exchange("POST", "/v1/reconciliations");
    enum chart_file_form form = bytes[0] % 2 == 0 ? CHART_FILE_CSV : CHART_FILE_JSON;
    const char *file = arena_copy(exchange.arena, (const char *)bytes + 1, size - 1);
    json_t *ignored = json_array();
    exchange.body = chart_file_read(&exchange, form, file, size - 1, ignored);
    fuzz_require(exchange.body != NULL || fault_found(&exchange), "a chart is read or has a fault");
    fuzz_require(json_array_size(exchange.body) <= MAX_CHART_ROWS, "rows are bounded");
    json_decref(ignored);
    problem_reply(&exchange, PROBLEM_ROWS_REFUSED, NULL);
    fuzz_check_response(&exchange);
    exchange_end(&exchange);
    return 0;
}
