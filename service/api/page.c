#include "api/page.h"

#include <stdlib.h>
#include <string.h>

int page_limit(const struct exchange *exchange)
{
    enum { DEFAULT_LIMIT = 100 };
    const char *asked = exchange_value(exchange, "limit");
    return asked != NULL ? (int)strtol(asked, NULL, 10) : DEFAULT_LIMIT;
}

/* Whether a part of a query, "name=value", has this name. */
static bool has_name(const char *part, size_t length, const char *name)
{
    size_t name_length = strlen(name);
    return name_length < length && strncmp(part, name, name_length) == 0 &&
           part[name_length] == '=';
}

static bool is_dropped(const char *part, size_t length, const char *const *dropped)
{
    for (int i = 0; dropped[i] != NULL; i++) {
        if (has_name(part, length, dropped[i])) {
            return true;
        }
    }
    return false;
}

const char *page_address(struct exchange *exchange, const char *name, const char *cursor,
                         const char *const *dropped)
{
    const char *address = arena_print(exchange->arena, "%s?", exchange->path);
    for (const char *at = exchange->query; *at != '\0'; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (length > 0 && !has_name(at, length, name) && !is_dropped(at, length, dropped)) {
            address = arena_print(exchange->arena, "%s%.*s&", address, (int)length, at);
        }
        at += length;
    }
    return arena_print(exchange->arena, "%s%s=%s", address, name, cursor);
}

void page_show_next(struct exchange *exchange, json_t *page, const char *address)
{
    json_object_set_new(page, "next", address != NULL ? json_string(address) : json_null());
    if (address != NULL) {
        reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"next\"", address));
    }
}
