#include "api/format/representation.h"

#include "http/request/media_type.h"
#include "render/json.h"

#include <stdlib.h>
#include <string.h>

json_t *represent_row(struct exchange *exchange, const void *rows, int index)
{
    return render_row(exchange->arena, rows, index, exchange_value(exchange, "fields"));
}

json_t *represent_entry(struct exchange *exchange, const void *array, int index)
{
    (void)exchange;
    return json_incref(json_array_get(array, (size_t)index));
}

static void reply_document(struct exchange *exchange, const struct list *list)
{
    json_t *items = json_array();
    for (int i = 0; i < list->count; i++) {
        json_array_append_new(items, list->make(exchange, list->source, i));
    }
    json_object_set_new(list->envelope, "items", items);
    reply_json(exchange, 200, list->envelope);
}

static void reply_csv(struct exchange *exchange, const struct list *list)
{
    const char *fields = exchange_value(exchange, "fields");
    struct csv csv = {.in_row = false};
    table_write_header(exchange->arena, list->table, fields, &csv);
    for (int i = 0; i < list->count; i++) {
        json_t *item = list->make(exchange, list->source, i);
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
        json_t *item = list->make(exchange, list->source, i);
        char *line = json_dumps(item, JSON_COMPACT | JSON_REAL_PRECISION(6));
        buffer_add_text(&lines, line);
        buffer_add(&lines, "\n", 1);
        free(line);
        json_decref(item);
    }
    json_decref(list->envelope);
    reply_bytes(exchange, 200, media_type_of(exchange)->content_type, lines.bytes, lines.length);
}

static void reply_linked(struct exchange *exchange, const struct list *list)
{
    json_t *items = json_array();
    for (int i = 0; i < list->count; i++) {
        json_t *item = list->make(exchange, list->source, i);
        jsonld_item(exchange, list->jsonld, item);
        json_array_append_new(items, item);
    }
    jsonld_reply_list(exchange, list->envelope, items);
}

void represent_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item)
{
    if (media_type_is(exchange, "jsonld")) {
        jsonld_reply_item(exchange, type, item);
    } else {
        reply_json(exchange, 200, item);
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
