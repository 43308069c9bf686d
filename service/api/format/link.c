#include "api/format/link.h"

#include <string.h>

const char *link_fill(struct arena *arena, const char *address, const json_t *item)
{
    const char *filled = "";
    for (const char *at = address; *at != '\0';) {
        size_t plain = strcspn(at, "{");
        filled = arena_print(arena, "%s%.*s", filled, (int)plain, at);
        at += plain;
        if (*at == '\0') {
            break;
        }
        size_t length = strcspn(at + 1, "}");
        const char *name = arena_copy(arena, at + 1, length);
        const char *value = json_string_value(json_object_get(item, name));
        if (value == NULL) {
            return NULL;
        }
        filled = arena_print(arena, "%s%s", filled, value);
        at += length + 2;
    }
    return filled;
}

void link_item(struct arena *arena, json_t *item, const struct link *table)
{
    json_t *links = json_object();
    for (const struct link *link = table; link->relation != NULL; link++) {
        const char *address = link_fill(arena, link->address, item);
        if (address != NULL) {
            json_object_set_new(links, link->relation, json_string(address));
        }
    }
    json_object_set_new(item, "links", links);
}

void link_service(struct exchange *exchange)
{
    reply_link(exchange, "</openapi.json>; rel=\"service-desc\"; type=\"application/json\", "
                         "</docs>; rel=\"service-doc\"; type=\"text/html\", "
                         "</.well-known/api-catalog>; rel=\"api-catalog\"");
}
