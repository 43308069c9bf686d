#include "api/record/record_list.h"

#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/query/database_read.h"
#include "base/syntax.h"
#include "http/request/cursor.h"
#include "render/row.h"
#include "statements.h"

#include <string.h>

/* A cursor carries the moment of the first page and the place of the last item shown. */
static const char *const cursor_fields[] = {"cursor_known_at", "after_key", "after_reference",
                                            NULL};
/* The parameters that the cursor replaces in the address of the next page. */
static const char *const replaced[] = {"cursor", "known_at", NULL};

/* Whether the cursor is well formed and its moment is that of a revision: cursors are not signed,
 * so each value is checked. Sets the moment. */
static bool continue_page(struct exchange *exchange, struct session *session,
                          const struct record_list *list, const char *cursor)
{
    if (!cursor_read(exchange, cursor, cursor_fields, list->filters)) {
        return false;
    }
    const char *known_at = exchange_value(exchange, "cursor_known_at");
    const char *key = exchange_value(exchange, "after_key");
    const char *reference = exchange_value(exchange, "after_reference");
    if (known_at == NULL || !syntax_is_database_time(known_at) || key == NULL ||
        syntax_has_control(key) || reference == NULL || !list->is_reference(reference)) {
        return false;
    }
    exchange->moment.known_at = known_at;
    bool resolved = resolve_moment(exchange, session);
    exchange->moment.as_of = exchange->asked.as_of;
    return resolved && strcmp(exchange->moment.known_at, known_at) == 0;
}

/* The rows of a page; NULL: a problem is the response. */
static struct rows *read_page(struct exchange *exchange, struct session *session,
                              const struct record_list *list)
{
    const char *cursor = exchange_parameter(exchange, "cursor");
    if (cursor == NULL) {
        return run_at_moment(exchange, session, list->statement, DAY_ANY);
    }
    /* The cursor brings known_at: the two must not be sent together. */
    if (exchange->asked.known_at == NULL && continue_page(exchange, session, list, cursor)) {
        return run_statement(exchange, session, list->statement);
    }
    if (exchange->response.status == 0) {
        paging_refuse_cursor(exchange, "cursor");
    }
    return NULL;
}

static const char *next_page(struct exchange *exchange, const struct record_list *list,
                             const struct rows *rows, int last)
{
    exchange_set_argument(exchange, "cursor_known_at", exchange->moment.known_at);
    exchange_set_argument(exchange, "after_key",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "_key")));
    exchange_set_argument(exchange, "after_reference",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "reference")));
    return paging_address(exchange, "cursor", cursor_make(exchange, cursor_fields, list->filters),
                          replaced);
}

/* `rows` has up to one row more than the limit: then a next page exists. */
static void reply_page(struct exchange *exchange, const struct record_list *list,
                       const struct rows *rows, int limit)
{
    bool more = rows_count(rows) > limit;
    json_t *page = json_object();
    json_object_set_new(page, "known_at", known_at_json(exchange));
    json_object_set_new(page, "revision", revision_json(exchange));
    paging_show_next(exchange, page, more ? next_page(exchange, list, rows, limit - 1) : NULL);
    const struct list items = {
        .envelope = page,
        .count = more ? limit : rows_count(rows),
        .write = represent_row,
        .rows = rows,
        .source = row_plan_make(exchange->arena, rows, exchange_value(exchange, "fields")),
        .table = list->table};
    represent_list(exchange, &items);
}

void record_list_show(struct exchange *exchange, const struct record_list *list)
{
    int limit = paging_limit(exchange);
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_argument(exchange, "limit", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = read_page(exchange, session, list);
    pool_checkin(session);
    if (rows != NULL && check_fields(exchange, rows)) {
        reply_page(exchange, list, rows, limit);
    }
    rows_free(rows);
}
