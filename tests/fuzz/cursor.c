/* A cursor: as it came, and one made of its lines. */
#include "http/request/cursor.h"
#include "fuzz.h"

#include <string.h>

static const char *const names[] = {"before_at", "before_number", NULL};
static const char *const filters[] = {"state", NULL};

static void survive(const struct fuzz_lines *lines)
{
    struct exchange exchange = fuzz_exchange("GET", "/v1/changes.atom");
    for (int i = 0; names[i] != NULL; i++) {
        exchange_set_argument(&exchange, names[i], lines->rows[i]);
    }
    const char *cursor = cursor_make(&exchange, names, filters);
    struct exchange next = fuzz_exchange("GET", "/v1/changes.atom");
    if (cursor != NULL && cursor_read(&next, cursor, names, filters)) {
        for (int i = 0; names[i] != NULL; i++) {
            const char *value = exchange_value(&next, names[i]);
            fuzz_require(value != NULL && strcmp(value, lines->rows[i]) == 0,
                         "a cursor has what it was made of");
        }
    }
    exchange_end(&next);
    exchange_end(&exchange);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 2);
    struct exchange exchange = fuzz_exchange("GET", "/v1/changes.atom");
    (void)cursor_read(&exchange, lines.rows[0], names, filters);
    (void)cursor_peek(&exchange, lines.rows[0], names);
    exchange_end(&exchange);
    survive(&lines);
    fuzz_lines_close(&lines);
    return 0;
}
