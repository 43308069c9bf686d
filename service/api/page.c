#include "api/page.h"

#include "http/format.h"
#include "http/question.h"

#include <stdlib.h>

int page_limit(const struct exchange *exchange)
{
    /* Who loads a file wants all of it. */
    enum { DEFAULT_LIMIT = 100, DEFAULT_LIMIT_IN_LINES = 10000 };
    const char *asked = exchange_value(exchange, "limit");
    if (asked != NULL) {
        return (int)strtol(asked, NULL, 10);
    }
    return format_of(exchange)->in_lines ? DEFAULT_LIMIT_IN_LINES : DEFAULT_LIMIT;
}

const char *page_address(struct exchange *exchange, const char *name, const char *cursor,
                         const char *const *dropped)
{
    return arena_print(exchange->arena, "%s&%s=%s",
                       question_address(exchange, exchange->path, dropped), name, cursor);
}

void page_show_next(struct exchange *exchange, json_t *page, const char *address)
{
    json_object_set_new(page, "next", address != NULL ? json_string(address) : json_null());
    if (address != NULL) {
        reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"next\"", address));
    }
}
