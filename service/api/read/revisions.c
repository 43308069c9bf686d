#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/handlers.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "base/syntax.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/cursor.h"
#include "render/row.h"
#include "statements.h"

#include <limits.h>
#include <string.h>

const struct parameter revisions_parameters[] = {
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

/* A cursor carries the moment of the first page, and the number of the last revision shown. */
static const char *const cursor_fields[] = {"cursor_known_at", "after_revision", NULL};
static const char *const cursor_filters[] = {NULL};
static const char *const replaced[] = {"cursor", NULL};

/* Whether the cursor is well formed and its moment is that of a revision: cursors are not signed,
 * so each value is checked. Sets the moment. */
static bool continue_page(struct exchange *exchange, struct session *session, const char *cursor)
{
    if (!cursor_read(exchange, cursor, cursor_fields, cursor_filters)) {
        return false;
    }
    const char *known_at = exchange_value(exchange, "cursor_known_at");
    const char *after = exchange_value(exchange, "after_revision");
    if (known_at == NULL || !syntax_is_database_time(known_at) || after == NULL ||
        !syntax_is_number(after, LLONG_MAX)) {
        return false;
    }
    exchange->moment.known_at = known_at;
    return resolve_moment(exchange, session) && strcmp(exchange->moment.known_at, known_at) == 0;
}

/* The rows of a page; NULL: a problem is the response. */
static struct rows *read_page(struct exchange *exchange, struct session *session)
{
    const char *cursor = exchange_parameter(exchange, "cursor");
    if (cursor == NULL) {
        return run_at_moment(exchange, session, &statement_revisions, DAY_TODAY);
    }
    if (continue_page(exchange, session, cursor)) {
        return run_statement(exchange, session, &statement_revisions);
    }
    if (exchange->response.status == 0) {
        paging_refuse_cursor(exchange, "cursor");
    }
    return NULL;
}

static const char *next_page(struct exchange *exchange, const struct rows *rows, int last)
{
    exchange_set_argument(exchange, "cursor_known_at", exchange->moment.known_at);
    exchange_set_argument(exchange, "after_revision",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "number")));
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
    const struct list list = {.envelope = page,
                              .count = more ? limit : rows_count(rows),
                              .write = represent_row,
                              .source = row_plan_make(exchange->arena, rows, NULL)};
    represent_list(exchange, &list);
}

void revisions_list(struct exchange *exchange)
{
    int limit = paging_limit(exchange);
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_argument(exchange, "limit", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = read_page(exchange, session);
    pool_checkin(session);
    if (rows != NULL) {
        reply_page(exchange, rows, limit);
        rows_free(rows);
    }
}

static bool is_number(const char *text)
{
    return syntax_is_number(text, LLONG_MAX) && (text[0] != '0' || text[1] == '\0');
}

/* A revision of a large import takes as long to read as the import took: one reader at a time may
 * take so long, and the others have the statement timeout of other reads. */
static struct rows *read_revision(struct exchange *exchange, struct session *session)
{
    struct context *context = exchange->context;
    bool may_take_long = !atomic_exchange(&context->reading_revision, true);
    struct rows *rows = NULL;
    if (session_begin(session) != STORE_DONE ||
        (may_take_long && session_allow(session, context->import_timeout_ms) != STORE_DONE)) {
        database_error_unavailable(exchange);
    } else {
        rows = run_statement(exchange, session, &statement_revision_shown);
    }
    (void)session_rollback(session);
    if (may_take_long) {
        atomic_store(&context->reading_revision, false);
    }
    return rows;
}

static void refuse(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, MESSAGE_NO_REVISION,
                               exchange_value(exchange, "number"), NULL, NULL));
}

/* Without the scope for internal entries the member `internal` is absent. */
static void reply_revision(struct exchange *exchange, const struct rows *rows)
{
    static const char public_members[] =
        "number,recorded_at,author,reason,digest,previous_digest,content,recorded,links";
    const char *fields = exchange->caller.sees_internal ? NULL : public_members;
    struct buffer buffer = {.bytes = NULL};
    row_write(row_plan_make(exchange->arena, rows, fields), 0, &buffer);
    reply_buffer(exchange, 200, &buffer);
}

void revisions_show(struct exchange *exchange)
{
    if (!is_number(exchange_value(exchange, "number"))) {
        refuse(exchange);
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = resolve_moment(exchange, session) ? read_revision(exchange, session) : NULL;
    pool_checkin(session);
    if (rows != NULL && rows_count(rows) == 0) {
        refuse(exchange);
    } else if (rows != NULL) {
        reply_revision(exchange, rows);
    }
    rows_free(rows);
}
