#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "http/request/cursor.h"
#include "render/row.h"
#include "statements.h"

#include <limits.h>
#include <string.h>

const struct parameter memberships_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    PARAMETER_ROW_FIELDS,
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

const char *const memberships_media[] = {"application/json", "text/csv", "application/x-ndjson",
                                         NULL};

#define MEMBERSHIP_FIELDS                                                                          \
    {.name = "member_from", .type = FIELD_DATE, .required = true},                                 \
        {.name = "member_until", .type = FIELD_DATE},                                              \
        {.name = "note_en", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "note_fr", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "sources_disagree", .type = FIELD_BOOLEAN},                                       \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field membership_record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    MEMBERSHIP_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field membership_correct_fields[] = {
    MEMBERSHIP_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field membership_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    MEMBERSHIP_FIELDS,
    {.name = NULL},
};

/* A cursor carries the moment of the first page and the place of the last item shown; it is bound
 * to the filters. */
static const char *const cursor_fields[] = {"cursor_known_at", "after_state", "after_number", NULL};
static const char *const cursor_filters[] = {"as_of", "state", NULL};

/* Whether the cursor is well formed and its moment is that of a revision: cursors are not signed,
 * so each value is checked. Sets the moment. */
static bool continue_page(struct exchange *exchange, struct session *session, const char *cursor)
{
    if (!cursor_read(exchange, cursor, cursor_fields, cursor_filters)) {
        return false;
    }
    const char *known_at = exchange_value(exchange, "cursor_known_at");
    const char *number = exchange_value(exchange, "after_number");
    const char *state = exchange_value(exchange, "after_state");
    if (known_at == NULL || !syntax_is_database_time(known_at) || state == NULL ||
        !syntax_is_alpha3(state) || number == NULL || !syntax_is_number(number, INT_MAX)) {
        return false;
    }
    exchange->moment.known_at = known_at;
    bool resolved = resolve_moment(exchange, session);
    exchange->moment.as_of = exchange->asked.as_of;
    return resolved && strcmp(exchange->moment.known_at, known_at) == 0;
}

/* The rows of a page; NULL: a problem is the response. */
static struct rows *read_page(struct exchange *exchange, struct session *session)
{
    const char *cursor = exchange_parameter(exchange, "cursor");
    if (cursor == NULL) {
        /* Without as_of all memberships are listed. */
        return run_at_moment(exchange, session, &statement_memberships, DAY_ANY);
    }
    /* The cursor brings known_at: the two must not be sent together. */
    if (exchange->asked.known_at == NULL && continue_page(exchange, session, cursor)) {
        return run_statement(exchange, session, &statement_memberships);
    }
    if (exchange->response.status == 0) {
        paging_refuse_cursor(exchange, "cursor");
    }
    return NULL;
}

/* The parameters that the cursor replaces in the address of the next page. */
static const char *const replaced[] = {"cursor", "known_at", NULL};

static const char *next_page(struct exchange *exchange, const struct rows *rows, int last)
{
    exchange_set_argument(exchange, "cursor_known_at", exchange->moment.known_at);
    exchange_set_argument(exchange, "after_state",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "state")));
    exchange_set_argument(exchange, "after_number",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "_number")));
    return paging_address(exchange, "cursor", cursor_make(exchange, cursor_fields, cursor_filters),
                          replaced);
}

/* `rows` has up to one row more than the limit: then a next page exists. */
static void reply_page(struct exchange *exchange, const struct rows *rows, int limit)
{
    bool more = rows_count(rows) > limit;
    json_t *page = json_object();
    json_object_set_new(page, "known_at", known_at_json(exchange));
    json_object_set_new(page, "revision", revision_json(exchange));
    paging_show_next(exchange, page, more ? next_page(exchange, rows, limit - 1) : NULL);
    const struct list list = {
        .envelope = page,
        .count = more ? limit : rows_count(rows),
        .write = represent_row,
        .rows = rows,
        .source = row_plan_make(exchange->arena, rows, exchange_value(exchange, "fields")),
        .table = &memberships_table};
    represent_list(exchange, &list);
}

void memberships_list(struct exchange *exchange)
{
    int limit = paging_limit(exchange);
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_argument(exchange, "limit", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = read_page(exchange, session);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (check_fields(exchange, rows)) {
        reply_page(exchange, rows, limit);
    }
    rows_free(rows);
}

static const struct link links[] = {
    {"self", "/v1/memberships/{reference}"},
    {"versions", "/v1/memberships/{reference}/versions"},
    {"state", "/v1/states/{state}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind membership = {
    .type = "membership",
    .member = "membership",
    .collection = "/v1/memberships",
    .read = &statement_memberships,
    .versions = &statement_membership_versions,
    .links = links,
    .is_reference = syntax_is_membership,
    .in_capitals = true,
    .missing = MESSAGE_NO_MEMBERSHIP,
};

void memberships_show(struct exchange *exchange)
{
    record_show(exchange, &membership);
}

void memberships_show_versions(struct exchange *exchange)
{
    record_show_versions(exchange, &membership);
}

void memberships_record(struct exchange *exchange)
{
    record_create(exchange, &membership);
}

void memberships_correct(struct exchange *exchange)
{
    record_correct(exchange, &membership);
}

void memberships_void(struct exchange *exchange)
{
    record_void(exchange, &membership);
}
