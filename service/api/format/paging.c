#include "api/format/paging.h"

#include "http/message/problem.h"
#include "http/request/canonical_query.h"
#include "http/request/media_type.h"

#include <stdlib.h>

int paging_limit(const struct exchange *exchange)
{
    enum { DEFAULT_LIMIT = 100, DEFAULT_LIMIT_OF_STREAM = 10000 };
    const char *asked = exchange_value(exchange, "limit");
    if (asked != NULL) {
        return (int)strtol(asked, NULL, 10);
    }
    return media_type_of(exchange)->streamed_rows ? DEFAULT_LIMIT_OF_STREAM : DEFAULT_LIMIT;
}

const char *paging_address(struct exchange *exchange, const char *name, const char *cursor,
                           const char *const *replaced)
{
    return arena_print(exchange->arena, "%s&%s=%s",
                       canonical_url(exchange, exchange->path, replaced), name, cursor);
}

void paging_refuse_cursor(struct exchange *exchange, const char *name)
{
    fault_add(exchange, FAULT_PARAMETER, name, NULL,
              message_text(exchange->language, MESSAGE_BAD_CURSOR));
    problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
}

void paging_show_next(struct exchange *exchange, json_t *page, const char *address)
{
    json_object_set_new(page, "next", address != NULL ? json_string(address) : json_null());
    if (address != NULL) {
        reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"next\"", address));
    }
}
