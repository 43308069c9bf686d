/* The first byte chooses the route, the others are the body. */
#include "api/routes.h"
#include "fuzz.h"
#include "http/message/problem.h"

static const struct route *choose(unsigned number)
{
    unsigned count = 0;
    for (const struct route *route = routes; route->method != NULL; route++) {
        count += route->fields != NULL;
    }
    number %= count;
    const struct route *route = routes;
    while (route->fields == NULL || number-- > 0) {
        route++;
    }
    return route;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct exchange exchange = fuzz_exchange("POST", "/");
    exchange.request_bytes = arena_copy(exchange.arena, (const char *)bytes + 1, size - 1);
    exchange.request_length = size - 1;
    if (json_body_parse(&exchange, choose(bytes[0])->fields)) {
        if (fault_found(&exchange)) {
            problem_reply(&exchange, PROBLEM_INVALID_FIELD, NULL);
        } else {
            exchange.response.status = 200;
        }
    }
    fuzz_require(json_array_size(exchange.faults) <= MAX_REQUEST_FAULTS, "errors[] is bounded");
    fuzz_check_response(&exchange);
    exchange_end(&exchange);
    return 0;
}
