#include "api/format/representation.h"

#include "http/request/media_type.h"
#include "render/json.h"
#include "render/row.h"

#include <stdlib.h>
#include <string.h>

void represent_row(struct exchange *exchange, const void *plan, int index, struct buffer *buffer)
{
    (void)exchange;
    row_write(plan, index, buffer);
}

void represent_entry(struct exchange *exchange, const void *array, int index, struct buffer *buffer)
{
    (void)exchange;
    json_add_tree(buffer, json_array_get(array, (size_t)index));
}

void reply_buffer(struct exchange *exchange, int status, const struct buffer *buffer)
{
    reply_bytes(exchange, status, "application/json", buffer->bytes, buffer->length);
}

void represent_begin(struct buffer *buffer, json_t *envelope)
{
    json_add_tree(buffer, envelope);
    json_decref(envelope);
    json_reopen(buffer);
}

void represent_items(struct exchange *exchange, const struct list *list, struct buffer *buffer)
{
    represent_begin(buffer, list->envelope);
    json_add_name(buffer, "items");
    buffer_add(buffer, "[", 1);
    for (int i = 0; i < list->count; i++) {
        json_add_comma(buffer);
        list->write(exchange, list->source, i, buffer);
    }
    buffer_add(buffer, "]", 1);
}

static void reply_document(struct exchange *exchange, const struct list *list)
{
    struct buffer buffer = {.bytes = NULL};
    represent_items(exchange, list, &buffer);
    buffer_add(&buffer, "}", 1);
    reply_buffer(exchange, 200, &buffer);
}

static json_t *item_of(struct exchange *exchange, const struct list *list, int index)
{
    struct buffer buffer = {.bytes = NULL};
    list->write(exchange, list->source, index, &buffer);
    return json_tree_of(&buffer);
}

static void reply_csv(struct exchange *exchange, const struct list *list)
{
    const char *fields = exchange_value(exchange, "fields");
    struct csv csv = {.in_row = false};
    table_write_header(exchange->arena, list->table, fields, &csv);
    if (list->rows != NULL) {
        table_write_rows(exchange->arena, list->table, fields, list->rows, list->count, &csv);
    }
    for (int i = 0; list->rows == NULL && i < list->count; i++) {
        json_t *item = item_of(exchange, list, i);
        table_write_row(exchange->arena, list->table, fields, item, &csv);
        json_decref(item);
    }
    json_decref(list->envelope);
    reply_bytes(exchange, 200, media_type_of(exchange)->content_type, csv.buffer.bytes,
                csv.buffer.length);
}

static void reply_lines(struct exchange *exchange, const struct list *list)
{
    struct buffer lines = {.bytes = memory_copy_text("")};
    for (int i = 0; i < list->count; i++) {
        list->write(exchange, list->source, i, &lines);
        buffer_add(&lines, "\n", 1);
    }
    json_decref(list->envelope);
    reply_bytes(exchange, 200, media_type_of(exchange)->content_type, lines.bytes, lines.length);
}

static void reply_linked(struct exchange *exchange, const struct list *list)
{
    json_t *items = json_array();
    for (int i = 0; i < list->count; i++) {
        json_t *item = item_of(exchange, list, i);
        jsonld_item(exchange, list->jsonld, item);
        json_array_append_new(items, item);
    }
    jsonld_reply_list(exchange, list->envelope, items);
}

void represent_item(struct exchange *exchange, const struct jsonld_type *type, struct buffer *item)
{
    if (media_type_is(exchange, "jsonld")) {
        jsonld_reply_item(exchange, type, json_tree_of(item));
    } else {
        reply_buffer(exchange, 200, item);
    }
}

void represent_list(struct exchange *exchange, const struct list *list)
{
    static const struct {
        const char *format;
        void (*reply)(struct exchange *exchange, const struct list *list);
    } representations[] = {
        {"json", reply_document},
        {"csv", reply_csv},
        {"ndjson", reply_lines},
        {"jsonld", reply_linked},
    };
    for (size_t i = 0; i < sizeof representations / sizeof representations[0]; i++) {
        if (media_type_is(exchange, representations[i].format)) {
            representations[i].reply(exchange, list);
            return;
        }
    }
}
