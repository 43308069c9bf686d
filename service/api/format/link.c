#include "api/format/link.h"

#include "render/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *link_fill(struct arena *arena, const char *address, link_value_of value_of,
                      const void *item)
{
    struct buffer filled = {.bytes = NULL};
    const char *value = "";
    for (const char *at = address; *at != '\0' && value != NULL;) {
        size_t plain = strcspn(at, "{");
        buffer_add(&filled, at, plain);
        at += plain;
        if (*at == '{') {
            size_t length = strcspn(at + 1, "}");
            value = value_of(item, arena_copy(arena, at + 1, length));
            buffer_add_text(&filled, value != NULL ? value : "");
            at += length + 2;
        }
    }
    buffer_add(&filled, "", 1);
    const char *text = value != NULL ? arena_copy_text(arena, filled.bytes) : NULL;
    free(filled.bytes);
    return text;
}

const char *link_member(const void *item, const char *name)
{
    return json_string_value(json_object_get(item, name));
}

/* A row, and the group of dotted names that the members are in. */
struct linked_row {
    const struct rows *rows;
    int row;
    const char *group;
};

static const char *row_value(const void *item, const char *name)
{
    const struct linked_row *linked = item;
    const size_t length = strlen(linked->group);
    for (int column = 0; column < rows_column_count(linked->rows); column++) {
        const char *present = rows_column_name(linked->rows, column);
        if (strncmp(present, linked->group, length) == 0 && strcmp(present + length, name) == 0) {
            return rows_value(linked->rows, linked->row, column);
        }
    }
    return NULL;
}

void link_row(struct arena *arena, const struct link *table, const struct row_plan *plan, int row,
              const char *group, struct buffer *buffer)
{
    const struct linked_row linked = {.rows = plan->rows, .row = row, .group = group};
    json_add_name(buffer, "links");
    buffer_add(buffer, "{", 1);
    for (const struct link *link = table; link->relation != NULL; link++) {
        const char *address = link_fill(arena, link->address, row_value, &linked);
        if (address != NULL) {
            json_add_name(buffer, link->relation);
            json_add_text(buffer, address, strlen(address));
        }
    }
    buffer_add(buffer, "}", 1);
}

void link_service(struct exchange *exchange)
{
    reply_link(exchange, "</openapi.json>; rel=\"service-desc\"; type=\"application/json\", "
                         "</docs>; rel=\"service-doc\"; type=\"text/html\", "
                         "</.well-known/api-catalog>; rel=\"api-catalog\"");
}
