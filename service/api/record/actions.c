#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/read/vocabulary.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "http/request/cursor.h"
#include "render/row.h"
#include "statements.h"

#include <limits.h>
#include <string.h>

const struct parameter actions_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "kind", .type = PARAMETER_CHOICES, .choices = vocabulary_kinds},
    {.name = "from", .type = PARAMETER_DATE},
    {.name = "to", .type = PARAMETER_DATE},
    {.name = "verification", .type = PARAMETER_CHOICES, .choices = vocabulary_verifications},
    PARAMETER_ROW_FIELDS,
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

const struct parameter action_versions_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = NULL},
};

static const struct json_field territory_fields[] = {
    {.name = "covered", .type = FIELD_TEXTS, .longest = 50},
    {.name = "left_out", .type = FIELD_TEXTS, .longest = 50},
    {.name = NULL},
};

/* Of a treaty action as it is recorded, imported and corrected; refers_to has a type of its own in
 * a changeset. */
#define ACTION_FIELDS(reference_type)                                                              \
    {.name = "kind", .type = FIELD_TEXT, .longest = 40, .required = true},                         \
        {.name = "date", .type = FIELD_DATE}, {.name = "not_before", .type = FIELD_DATE},          \
        {.name = "not_after", .type = FIELD_DATE}, {.name = "received_on", .type = FIELD_DATE},    \
        {.name = "published_effective_date", .type = FIELD_DATE},                                  \
        {.name = "articles", .type = FIELD_TEXTS, .longest = 20},                                  \
        {.name = "chapters", .type = FIELD_TEXTS, .longest = 3},                                   \
        {.name = "territories", .type = FIELD_OBJECT, .members = territory_fields},                \
        {.name = "refers_to", .type = (reference_type)},                                           \
        {.name = "summary_en", .type = FIELD_TEXT, .longest = 2000},                               \
        {.name = "summary_fr", .type = FIELD_TEXT, .longest = 2000},                               \
        {.name = "vehicle_en", .type = FIELD_TEXT, .longest = 500},                                \
        {.name = "vehicle_fr", .type = FIELD_TEXT, .longest = 500},                                \
        {.name = "original_language", .type = FIELD_TEXT, .longest = 35},                          \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field action_record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    ACTION_FIELDS(FIELD_REFERENCE),
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field action_import_fields[] = {
    {.name = "reference", .type = FIELD_REFERENCE},
    {.name = "state", .type = FIELD_STATE, .required = true},
    ACTION_FIELDS(FIELD_REFERENCE),
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field action_correct_fields[] = {
    ACTION_FIELDS(FIELD_REFERENCE),
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field action_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    ACTION_FIELDS(FIELD_REFERENCE_OR_NAME),
    {.name = NULL},
};

/* A cursor carries the moment of the first page and the place of the last item shown; it is bound
 * to the filters. */
static const char *const cursor_fields[] = {"cursor_known_at", "after_day", "after_state",
                                            "after_number", NULL};
static const char *const cursor_filters[] = {"as_of", "state",        "kind", "from",
                                             "to",    "verification", NULL};

/* Whether the cursor is well formed and its moment is that of a revision: cursors are not signed,
 * so each value is checked. Sets the moment. */
static bool continue_page(struct exchange *exchange, struct session *session, const char *cursor)
{
    if (!cursor_read(exchange, cursor, cursor_fields, cursor_filters)) {
        return false;
    }
    const char *known_at = exchange_value(exchange, "cursor_known_at");
    const char *number = exchange_value(exchange, "after_number");
    const char *day = exchange_value(exchange, "after_day");
    const char *state = exchange_value(exchange, "after_state");
    if (known_at == NULL || !syntax_is_database_time(known_at) || day == NULL ||
        !syntax_is_date(day) || state == NULL || !syntax_is_state_code(state) || number == NULL ||
        !syntax_is_number(number, INT_MAX)) {
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
        /* Without as_of all actions are listed. */
        return run_at_moment(exchange, session, &statement_actions, DAY_ANY);
    }
    /* The cursor brings known_at: the two must not be sent together. */
    if (exchange->asked.known_at == NULL && continue_page(exchange, session, cursor)) {
        return run_statement(exchange, session, &statement_actions);
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
    static const char *const columns[] = {"_day", "state", "_number"};
    static const char *const values[] = {"after_day", "after_state", "after_number"};
    exchange_set_argument(exchange, "cursor_known_at", exchange->moment.known_at);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        exchange_set_argument(exchange, values[i],
                              arena_copy_text(exchange->arena, rows_named(rows, last, columns[i])));
    }
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
        .table = &actions_table,
        .jsonld = &actions_jsonld};
    represent_list(exchange, &list);
}

void actions_list(struct exchange *exchange)
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

static const struct link action_links[] = {
    {"self", "/v1/actions/{reference}"},
    {"versions", "/v1/actions/{reference}/versions"},
    {"state", "/v1/states/{state}"},
    {"refers_to", "/v1/actions/{refers_to}"},
    {"kind", "/v1/vocabulary#/kinds/{kind}"},
    {"effective_by", "/v1/vocabulary#/date_rules/{effective_by}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind action = {
    .type = "action",
    .member = "action",
    .collection = "/v1/actions",
    .read = &statement_actions,
    .links = action_links,
    .jsonld = &actions_jsonld,
    .is_reference = syntax_is_reference,
    .in_capitals = true,
    .with_state = true,
    .missing = MESSAGE_NO_ACTION,
};

void actions_show(struct exchange *exchange)
{
    record_show(exchange, &action);
}

void actions_record(struct exchange *exchange)
{
    record_create(exchange, &action);
}

void actions_correct(struct exchange *exchange)
{
    record_correct(exchange, &action);
}

void actions_void(struct exchange *exchange)
{
    record_void(exchange, &action);
}

void actions_show_versions(struct exchange *exchange)
{
    if (!record_take_reference(exchange, &action, "/versions")) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_at_moment(exchange, session, &statement_action_versions, DAY_TODAY);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (rows_count(rows) == 0) {
        read_reply_item(exchange, rows, MESSAGE_NO_ACTION, exchange_value(exchange, "reference"));
        return;
    }
    json_t *versions = json_object();
    json_object_set_new(versions, "reference", json_string(exchange_value(exchange, "reference")));
    json_object_set_new(versions, "known_at", known_at_json(exchange));
    json_object_set_new(versions, "revision", revision_json(exchange));
    const struct list list = {.envelope = versions,
                              .count = rows_count(rows),
                              .write = represent_row,
                              .source = row_plan_make(exchange->arena, rows, NULL)};
    represent_list(exchange, &list);
    rows_free(rows);
}
