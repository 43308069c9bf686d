#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "http/request/media_type.h"
#include "render/row.h"
#include "statements.h"

static const char *const periods[] = {"year", "month", NULL};

const struct parameter series_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    {.name = "by", .type = PARAMETER_CHOICE, .choices = periods},
    {.name = "from", .type = PARAMETER_DATE},
    {.name = "to", .type = PARAMETER_DATE},
    {.name = NULL},
};

/* The figures as a list: an item for each status, with the date they are for. */
static json_t *items_of(const struct exchange *exchange, const json_t *statuses)
{
    json_t *items = json_array();
    for (void *at = json_object_iter((json_t *)statuses); at != NULL;
         at = json_object_iter_next((json_t *)statuses, at)) {
        json_t *item = json_object();
        json_object_set_new(item, "as_of", json_string(exchange->moment.as_of));
        json_object_set_new(item, "status", json_string(json_object_iter_key(at)));
        json_object_update(item, json_object_iter_value(at));
        json_array_append_new(items, item);
    }
    return items;
}

static void reply_items(struct exchange *exchange, const struct rows *rows)
{
    json_t *row = row_tree(exchange->arena, rows, 0, "statuses");
    json_t *items = items_of(exchange, json_object_get(row, "statuses"));
    const struct list list = {.envelope = envelope_make(exchange),
                              .count = (int)json_array_size(items),
                              .write = represent_entry,
                              .source = items,
                              .table = &statistics_table,
                              .jsonld = &statistics_jsonld};
    represent_list(exchange, &list);
    json_decref(items);
    json_decref(row);
}

void statistics_show(struct exchange *exchange)
{
    struct rows *rows = read_one(exchange, &statement_statistics, MESSAGE_NOT_KNOWN_THEN, NULL);
    if (rows == NULL) {
        return;
    }
    if (media_type_is(exchange, "json")) {
        read_reply_document(exchange, rows);
    } else {
        reply_items(exchange, rows);
        rows_free(rows);
    }
}

void statistics_series(struct exchange *exchange)
{
    read_reply_table(exchange, &statement_statistics_series, &series_table, &series_jsonld);
}
