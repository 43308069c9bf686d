/* The chart of signatures and ratifications in the layout of the Treaty Office: JSON, CSV and HTML.
 */
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/read/chart_page.h"
#include "http/request/media_type.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <stdlib.h>

const char *const chart_media[] = {"application/json", "text/csv", "text/html", NULL};

static json_t *total(const struct rows *rows, const char *name)
{
    const char *count = rows_named(rows, 0, name);
    return json_integer(count != NULL ? strtoll(count, NULL, 10) : 0);
}

/* The totals beneath the chart, from the first row: each row has them. */
static json_t *totals(const struct rows *rows)
{
    json_t *counts = json_object();
    json_object_set_new(counts, "ratifications_or_accessions", total(rows, "_ratifications"));
    json_object_set_new(counts, "signatures_not_followed_by_ratifications",
                        total(rows, "_signatures_only"));
    return counts;
}

struct chart {
    const struct row_plan *plan;
    json_t *totals;
};

static void write_row(struct exchange *exchange, const void *chart, int index,
                      struct buffer *buffer)
{
    represent_row(exchange, ((const struct chart *)chart)->plan, index, buffer);
}

/* CSV has no envelope: each row has the totals. */
static void write_csv_row(struct exchange *exchange, const void *chart, int index,
                          struct buffer *buffer)
{
    write_row(exchange, chart, index, buffer);
    json_reopen(buffer);
    json_add_name(buffer, "totals");
    json_add_tree(buffer, ((const struct chart *)chart)->totals);
    buffer_add(buffer, "}", 1);
}

static void reply_rows(struct exchange *exchange, const struct rows *rows)
{
    const struct chart chart = {.plan = row_plan_make(exchange->arena, rows, NULL),
                                .totals = totals(rows)};
    const struct list list = {.envelope = envelope_make(exchange),
                              .count = rows_count(rows),
                              .write = media_type_is(exchange, "csv") ? write_csv_row : write_row,
                              .source = &chart,
                              .table = &chart_table};
    json_object_set(list.envelope, "totals", chart.totals);
    represent_list(exchange, &list);
    json_decref(chart.totals);
}

void chart_show(struct exchange *exchange)
{
    struct rows *rows = read_rows(exchange, &statement_chart);
    if (rows == NULL) {
        return;
    }
    if (media_type_is(exchange, "html")) {
        chart_page_reply(exchange, rows);
    } else {
        reply_rows(exchange, rows);
    }
    rows_free(rows);
}
