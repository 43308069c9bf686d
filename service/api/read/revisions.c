#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/handlers.h"
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

static void refuse(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, MESSAGE_NO_REVISION,
                               exchange_value(exchange, "number"), NULL, NULL));
}

/* A cursor of a revision carries the place of the last item shown. What a revision recorded never
 * changes, so the place is all that it needs. */
static const char *const place_fields[] = {"after_place", NULL};

/* False: a problem is the response. */
static bool start_items(struct exchange *exchange)
{
    const char *cursor = exchange_parameter(exchange, "cursor");
    if (cursor == NULL) {
        return true;
    }
    if (cursor_read(exchange, cursor, place_fields, cursor_filters)) {
        const char *after = exchange_value(exchange, "after_place");
        if (after != NULL && syntax_is_number(after, INT_MAX)) {
            return true;
        }
    }
    paging_refuse_cursor(exchange, "cursor");
    return false;
}

/* The address of the page after the place; NULL: this is the last. */
static const char *next_items(struct exchange *exchange, const char *place)
{
    if (place == NULL) {
        return NULL;
    }
    exchange_set_argument(exchange, "after_place", arena_copy_text(exchange->arena, place));
    return paging_address(exchange, "cursor", cursor_make(exchange, place_fields, cursor_filters),
                          replaced);
}

/* Only the first page has the member `internal`, for those with each scope for internal content. */
static json_t *make_item(struct exchange *exchange, const struct rows *rows)
{
    json_t *item = row_tree(exchange->arena, rows, 0, NULL);
    if (!exchange->caller.sees_all_internal || exchange_value(exchange, "after_place") != NULL) {
        (void)json_object_del(item, "internal");
    }
    paging_show_next(exchange, item, next_items(exchange, rows_named(rows, 0, "_next_place")));
    return item;
}

static struct rows *read_items(struct exchange *exchange, struct session *session)
{
    exchange_set_argument(exchange, "limit",
                          arena_print(exchange->arena, "%d", paging_limit(exchange)));
    return run_statement(exchange, session, &statement_revision_shown);
}

void revisions_show(struct exchange *exchange)
{
    if (!is_number(exchange_value(exchange, "number"))) {
        refuse(exchange);
        return;
    }
    struct session *session = start_items(exchange) ? read_session(exchange) : NULL;
    if (session == NULL) {
        return;
    }
    struct rows *rows = resolve_moment(exchange, session) ? read_items(exchange, session) : NULL;
    pool_checkin(session);
    if (rows != NULL && rows_count(rows) == 0) {
        refuse(exchange);
    } else if (rows != NULL) {
        reply_json(exchange, 200, make_item(exchange, rows));
    }
    rows_free(rows);
}
