/* Lines: a path, a query. */
#include "http/request/query.h"
#include "api/routes.h"
#include "base/syntax.h"
#include "fuzz.h"
#include "http/request/canonical_query.h"

#include <string.h>

static void check_path(const struct exchange *exchange)
{
    const char *path = exchange->path;
    fuzz_require(strcmp(syntax_canonical_path(exchange->arena, path, strlen(path)), path) == 0,
                 "a canonical path is its own");
}

static void check_values(struct exchange *exchange)
{
    const char *at = exchange->query;
    for (struct query_pair pair; query_next(&at, &pair);) {
        char *text = query_decode(exchange->arena, pair.value, pair.value_length);
        if (text != NULL) {
            fuzz_require(syntax_is_utf8(text, strlen(text)), "a value is UTF-8");
            const char *encoded = syntax_encode_percent(exchange->arena, text);
            char *again = query_decode(exchange->arena, encoded, strlen(encoded));
            fuzz_require(again != NULL && strcmp(again, text) == 0, "a value survives encoding");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 1);
    struct exchange exchange = fuzz_exchange("GET", lines.rows[0]);
    check_path(&exchange);
    check_values(&exchange);
    if (route_find(&exchange, routes) == ROUTE_FOUND) {
        parameters_read(&exchange, exchange.route->parameters);
        (void)canonical_url(&exchange, exchange.path, NULL);
    }
    (void)query_value(&exchange, "lang");
    exchange_end(&exchange);
    fuzz_lines_close(&lines);
    return 0;
}
