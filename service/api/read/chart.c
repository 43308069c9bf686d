/* The chart of signatures and ratifications in the layout of the Treaty Office: JSON, CSV and HTML.
 */
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/read/chart_page.h"
#include "http/request/media_type.h"
#include "render/json.h"
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

/* CSV has no envelope: each row has the totals. */
static json_t *make_csv_row(struct exchange *exchange, const void *source, int index)
{
    json_t *item = represent_row(exchange, source, index);
    json_object_set_new(item, "totals", totals(source));
    return item;
}

void chart_show(struct exchange *exchange)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = NULL;
    if (resolve_moment(exchange, session)) {
        rows = run_statement(exchange, session, &statement_chart);
    }
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (media_type_is(exchange, "html")) {
        chart_page_reply(exchange, rows);
    } else {
        struct list list = {.envelope = envelope_make(exchange, NULL),
                            .count = rows_count(rows),
                            .make = media_type_is(exchange, "csv") ? make_csv_row : represent_row,
                            .source = rows,
                            .table = &chart_table};
        json_object_set_new(list.envelope, "totals", totals(rows));
        represent_list(exchange, &list);
    }
    rows_free(rows);
}
