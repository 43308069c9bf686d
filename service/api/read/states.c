#include "api/format/link.h"
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/read/vocabulary.h"
#include "base/text.h"
#include "http/message/problem.h"
#include "http/request/canonical_query.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <string.h>

static const char *const sort_keys[] = {
    "code",       "-code",   "name",     "-name",       "status",       "-status", "signature",
    "-signature", "consent", "-consent", "in_force_on", "-in_force_on", NULL};

const struct parameter states_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    {.name = "status", .type = PARAMETER_CHOICES, .choices = vocabulary_statuses},
    {.name = "chapter", .type = PARAMETER_CHOICE, .choices = vocabulary_chapters},
    {.name = "member", .type = PARAMETER_BOOLEAN},
    {.name = "sort", .type = PARAMETER_CHOICE, .choices = sort_keys},
    PARAMETER_ROW_FIELDS,
    {.name = NULL},
};

void states_list(struct exchange *exchange)
{
    read_reply_table(exchange, &statement_states, &states_table, &states_jsonld);
}

static const struct link state_links[] = {
    {"self", "/v1/states/{code}"},
    {"explanation", "/v1/states/{code}/explanation"},
    {"outlook", "/v1/states/{code}/outlook"},
    {"actions", "/v1/actions?state={code}"},
    {"status", "/v1/vocabulary#/statuses/{status}"},
    {.relation = NULL},
};

/* The item of the list and the date it is for. It does not show the revision, so that the entity
 * tag of a State changes only with its row. */
static struct buffer state_item(struct exchange *exchange, const struct rows *rows)
{
    const char *fields = exchange_parameter(exchange, "fields");
    json_t *envelope = json_pack("{s:s}", "as_of", exchange->moment.as_of);
    if (exchange->moment.projected) {
        json_object_set_new(envelope, "projected", json_true());
    }
    struct buffer item = {.bytes = NULL};
    represent_begin(&item, envelope);
    const struct row_plan *plan = row_plan_make(exchange->arena, rows, fields);
    row_write_members(plan, 0, &item);
    if (fields == NULL) {
        link_row(exchange->arena, state_links, plan, 0, "", &item);
    }
    buffer_add(&item, "}", 1);
    return item;
}

/* Sets the value `state` to the State's code. Another spelling in the path gets a Content-Location
 * of the path with the code and `behind`. */
static void set_code(struct exchange *exchange, const struct rows *rows, const char *behind)
{
    const char *code = arena_copy_text(exchange->arena, rows_named(rows, 0, "code"));
    exchange_set_argument(exchange, "state", code);
    if (strcmp(exchange_parameter(exchange, "code"), code) != 0) {
        const char *path = arena_print(exchange->arena, "/v1/states/%s%s", code, behind);
        reply_header(exchange, "Content-Location", canonical_url(exchange, path, NULL));
    }
}

/* Takes the code that was looked up. False: 404 is the response. */
static bool take_code(struct exchange *exchange, const struct rows *rows, const char *behind)
{
    if (rows_count(rows) > 0) {
        set_code(exchange, rows, behind);
        return true;
    }
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, MESSAGE_NO_STATE,
                               exchange_parameter(exchange, "code"), NULL, NULL));
    return false;
}

/* The rows of a statement about the State of the path, which the caller frees; NULL: a problem is
 * the response. The statement runs together with the look-up of the code; again if another code
 * than the path's in capitals is found. */
static struct rows *query_state(struct exchange *exchange, const struct statement *statement,
                                const char *behind)
{
    enum { CODE, STATE, COUNT };
    struct store_item items[COUNT] = {{.statement = &statement_state_code},
                                      {.statement = statement}};
    const char *expected = text_upper(exchange->arena, exchange_parameter(exchange, "code"));
    exchange_set_argument(exchange, "state", expected);
    struct session *session = read_session(exchange);
    if (session == NULL || !run_all_at_moment(exchange, session, items, COUNT, DAY_TODAY)) {
        pool_checkin(session);
        return NULL;
    }
    struct rows *rows = items[STATE].rows;
    bool found = take_code(exchange, items[CODE].rows, behind);
    bool again = found && strcmp(exchange_value(exchange, "state"), expected) != 0;
    if (!found || again) {
        rows_free(rows);
        rows = again ? run_statement(exchange, session, statement) : NULL;
    }
    rows_free(items[CODE].rows);
    pool_checkin(session);
    return rows;
}

/* Frees the rows if there are none. */
static bool refuse_unknown_then(struct exchange *exchange, struct rows *rows)
{
    if (rows_count(rows) > 0) {
        return false;
    }
    rows_free(rows);
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_text(exchange->language, MESSAGE_NOT_KNOWN_THEN));
    return true;
}

/* A State in one statement. Without a row the State is unknown, or was at that time: the other two
 * statements tell which. */
static struct rows *query_item(struct exchange *exchange)
{
    struct rows *rows = read_rows(exchange, &statement_state);
    if (rows == NULL || rows_count(rows) > 0) {
        return rows;
    }
    rows_free(rows);
    return query_state(exchange, &statement_state, "");
}

void states_show(struct exchange *exchange)
{
    struct rows *rows = query_item(exchange);
    if (rows == NULL || refuse_unknown_then(exchange, rows)) {
        return;
    }
    set_code(exchange, rows, "");
    if (check_fields(exchange, rows)) {
        struct buffer item = state_item(exchange, rows);
        represent_item(exchange, &states_jsonld, &item);
    }
    rows_free(rows);
}

void states_explain(struct exchange *exchange)
{
    struct rows *rows = query_state(exchange, &statement_explanation, "/explanation");
    if (rows != NULL && !refuse_unknown_then(exchange, rows)) {
        read_reply_document(exchange, rows);
    }
}

void states_outlook(struct exchange *exchange)
{
    struct rows *rows = query_state(exchange, &statement_outlook_entries, "/outlook");
    if (rows != NULL) {
        const struct list list = {.envelope = envelope_make(exchange),
                                  .count = rows_count(rows),
                                  .write = represent_row,
                                  .source = row_plan_make(exchange->arena, rows, NULL)};
        const char *state = exchange_value(exchange, "state");
        struct buffer buffer = {.bytes = NULL};
        represent_items(exchange, &list, &buffer);
        json_add_name(&buffer, "state");
        json_add_text(&buffer, state, strlen(state));
        buffer_add(&buffer, "}", 1);
        reply_buffer(exchange, 200, &buffer);
        rows_free(rows);
    }
}
