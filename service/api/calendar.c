/* The calendar of days of effect. */
#include "render/calendar.h"

#include "api/resource.h"
#include "api/resources.h"
#include "render/render.h"
#include "statements.h"

static void reply_calendar(struct exchange *exchange, const struct rows *head,
                           const struct rows *rows)
{
    struct calendar *calendar =
        calendar_open(language_tag(exchange->language), rows_named(head, 0, "title"));
    for (int row = 0; row < rows_count(rows); row++) {
        const struct calendar_day event = {
            .uid = rows_named(rows, row, "uid"),
            .changed_at = render_time(exchange->arena, rows_named(rows, row, "changed_at")),
            .day = rows_named(rows, row, "day"),
            .summary = rows_named(rows, row, "summary"),
            .description = rows_named(rows, row, "description"),
            .category = rows_named(rows, row, "category")};
        calendar_add(calendar, &event);
    }
    size_t length = 0;
    char *bytes = calendar_close(calendar, &length);
    reply_bytes(exchange, 200, "text/calendar; charset=utf-8", bytes, length);
}

void calendar_show(struct exchange *exchange)
{
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = NULL;
    struct rows *head = NULL;
    if (resource_moment(exchange, session)) {
        head = resource_query(exchange, session, &statement_calendar_head);
    }
    if (head != NULL) {
        rows = resource_query(exchange, session, &statement_calendar);
    }
    store_checkin(session);
    if (rows != NULL) {
        reply_calendar(exchange, head, rows);
        rows_free(rows);
    }
    if (head != NULL) {
        rows_free(head);
    }
}
