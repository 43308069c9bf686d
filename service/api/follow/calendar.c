/* The calendar of dates on which actions take effect. */
#include "render/icalendar.h"

#include "api/handlers.h"
#include "api/query/database_read.h"
#include "render/json.h"
#include "statements.h"

const struct parameter calendar_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = NULL},
};

const char *const calendar_media[] = {"text/calendar", NULL};

static void reply_calendar(struct exchange *exchange, const struct rows *head,
                           const struct rows *rows)
{
    struct icalendar *calendar =
        icalendar_open(language_tag(exchange->language), rows_named(head, 0, "title"));
    for (int row = 0; row < rows_count(rows); row++) {
        const struct icalendar_day event = {
            .uid = rows_named(rows, row, "uid"),
            .changed_at = render_time(exchange->arena, rows_named(rows, row, "changed_at")),
            .day = rows_named(rows, row, "day"),
            .summary = rows_named(rows, row, "summary"),
            .description = rows_named(rows, row, "description"),
            .category = rows_named(rows, row, "category")};
        icalendar_add(calendar, &event);
    }
    size_t length = 0;
    char *bytes = icalendar_close(calendar, &length);
    reply_bytes(exchange, 200, "text/calendar; charset=utf-8", bytes, length);
}

void calendar_show(struct exchange *exchange)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    enum { HEAD, EVENTS, COUNT };
    struct store_item items[COUNT] = {{.statement = &statement_calendar_head},
                                      {.statement = &statement_calendar}};
    bool read = run_all_at_moment(exchange, session, items, COUNT, DAY_TODAY);
    pool_checkin(session);
    if (read) {
        reply_calendar(exchange, items[HEAD].rows, items[EVENTS].rows);
        rows_free(items[HEAD].rows);
        rows_free(items[EVENTS].rows);
    }
}
