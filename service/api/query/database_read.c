#include "api/query/database_read.h"

#include "api/format/representation.h"
#include "api/query/database_error.h"
#include "base/clock.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/route.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <stdlib.h>

/* Whether the response follows from the newest revision and the request alone. Internal content has
 * no revision; a past moment, or a page that another replica began, may need a revision that is not
 * known here yet. Without a route the service itself reads. */
static bool is_of_newest_revision(const struct exchange *exchange)
{
    return exchange->route != NULL && exchange->route->cacheable &&
           !exchange->caller.sees_internal && exchange->asked.known_at == NULL &&
           exchange_parameter(exchange, "cursor") == NULL;
}

/* A session of a standby that has the newest known revision; NULL: there is none. While the
 * listener is disconnected a standby may lack revisions: it is used for as long as stale responses
 * are. */
static struct session *standby_session(struct exchange *exchange)
{
    const struct context *context = exchange->context;
    if (context->standby == NULL || !is_of_newest_revision(exchange) ||
        revisions_disconnected_ms(context->revisions) > context->stale_if_error * 1000) {
        return NULL;
    }
    return standby_checkout(context->standby, revisions_newest(context->revisions),
                            &exchange->database_us);
}

struct session *read_session(struct exchange *exchange)
{
    struct session *session = standby_session(exchange);
    return session != NULL ? session : primary_session(exchange);
}

struct session *primary_session(struct exchange *exchange)
{
    struct context *context = exchange->context;
    long long start = clock_microseconds();
    struct session *session = pool_checkout(context->pool);
    exchange->database_us += clock_microseconds() - start;
    if (session == NULL) {
        database_error_unavailable(exchange);
    } else {
        session_count_time(session, &exchange->database_us);
    }
    return session;
}

static const char *value_of(const void *exchange, const char *name)
{
    return exchange_value(exchange, name);
}

struct store_item bind_statement(struct exchange *exchange, const struct statement *statement)
{
    return (struct store_item){.statement = statement,
                               .values =
                                   statement_bind(exchange->arena, statement, value_of, exchange)};
}

bool run_statements(struct exchange *exchange, struct session *session, struct store_item *items,
                    int count)
{
    struct store_fault fault = {.constraint = NULL};
    switch (session_run_all(session, items, count, &fault)) {
    case STORE_DONE:
        return true;
    case STORE_REFUSED:
        database_error_refused(exchange, &fault);
        store_fault_clear(&fault);
        return false;
    case STORE_UNAVAILABLE:
    default:
        database_error_unavailable(exchange);
        return false;
    }
}

struct rows *run_statement(struct exchange *exchange, struct session *session,
                           const struct statement *statement)
{
    struct store_item item = bind_statement(exchange, statement);
    (void)run_statements(exchange, session, &item, 1);
    return item.rows;
}

/* Runs a statement whose rows have the moment that they are for. Without a row the moment is
 * resolved first, and the statement runs again: an empty answer and its revision are of the same
 * snapshot. */
static struct rows *run_at_once(struct exchange *exchange, struct session *session,
                                const struct statement *statement)
{
    struct rows *rows = run_statement(exchange, session, statement);
    if (rows != NULL && rows_count(rows) == 0) {
        rows_free(rows);
        return run_at_moment(exchange, session, statement, DAY_TODAY);
    }
    if (rows != NULL) {
        take_moment(exchange, rows, "_");
    }
    return rows;
}

struct rows *read_rows(struct exchange *exchange, const struct statement *statement)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return NULL;
    }
    struct rows *rows = statement->resolves_moment
                            ? run_at_once(exchange, session, statement)
                            : run_at_moment(exchange, session, statement, DAY_TODAY);
    pool_checkin(session);
    return rows;
}

json_t *known_at_json(const struct exchange *exchange)
{
    const char *known_at = exchange->moment.known_at;
    return known_at != NULL ? json_string(render_time(exchange->arena, known_at)) : json_null();
}

json_t *revision_json(const struct exchange *exchange)
{
    const char *revision = exchange->moment.revision;
    return revision != NULL ? json_integer(strtoll(revision, NULL, 10)) : json_null();
}

json_t *envelope_make(const struct exchange *exchange)
{
    json_t *envelope = json_object();
    json_object_set_new(envelope, "as_of", json_string(exchange->moment.as_of));
    json_object_set_new(envelope, "known_at", known_at_json(exchange));
    json_object_set_new(envelope, "revision", revision_json(exchange));
    if (exchange->moment.projected) {
        json_object_set_new(envelope, "projected", json_true());
    }
    return envelope;
}

void read_reply_item(struct exchange *exchange, struct rows *rows, enum message missing,
                     const char *name)
{
    if (rows_count(rows) == 0) {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_fill(exchange->arena, exchange->language, missing, name, NULL, NULL));
    } else {
        struct buffer buffer = {.bytes = NULL};
        row_write(row_plan_make(exchange->arena, rows, NULL), 0, &buffer);
        reply_buffer(exchange, 200, &buffer);
    }
    rows_free(rows);
}

bool check_fields(struct exchange *exchange, const struct rows *rows)
{
    const char *fields = exchange_parameter(exchange, "fields");
    const char *unknown = NULL;
    if (fields == NULL || row_knows(exchange->arena, rows, fields, &unknown)) {
        return true;
    }
    fault_add(exchange, FAULT_PARAMETER, "fields", NULL,
              message_fill(exchange->arena, exchange->language, MESSAGE_NOT_A_CHOICE, unknown,
                           row_names(exchange->arena, rows), NULL));
    problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
    return false;
}

void read_reply_list(struct exchange *exchange, const struct statement *statement)
{
    read_reply_table(exchange, statement, NULL, NULL);
}

void read_reply_table(struct exchange *exchange, const struct statement *statement,
                      const struct table *table, const struct jsonld_type *type)
{
    struct rows *rows = read_rows(exchange, statement);
    if (rows == NULL) {
        return;
    }
    if (check_fields(exchange, rows)) {
        const char *fields = exchange_value(exchange, "fields");
        const struct list list = {.envelope = envelope_make(exchange),
                                  .count = rows_count(rows),
                                  .write = represent_row,
                                  .rows = rows,
                                  .source = row_plan_make(exchange->arena, rows, fields),
                                  .table = table,
                                  .jsonld = type};
        represent_list(exchange, &list);
    }
    rows_free(rows);
}

void read_reply_document(struct exchange *exchange, struct rows *rows)
{
    struct buffer buffer = {.bytes = NULL};
    represent_begin(&buffer, envelope_make(exchange));
    row_write_members(row_plan_make(exchange->arena, rows, NULL), 0, &buffer);
    buffer_add(&buffer, "}", 1);
    rows_free(rows);
    reply_buffer(exchange, 200, &buffer);
}

struct rows *read_one(struct exchange *exchange, const struct statement *statement,
                      enum message missing, const char *name)
{
    struct rows *rows = read_rows(exchange, statement);
    if (rows != NULL && rows_count(rows) == 0) {
        read_reply_item(exchange, rows, missing, name);
        return NULL;
    }
    return rows;
}

void read_reply_one(struct exchange *exchange, const struct statement *statement,
                    enum message missing, const char *name)
{
    struct rows *rows = read_one(exchange, statement, missing, name);
    if (rows != NULL) {
        read_reply_document(exchange, rows);
    }
}
