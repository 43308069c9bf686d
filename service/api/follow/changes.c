#include "api/follow/changes.h"

#include "api/format/link.h"
#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/read/vocabulary.h"
#include "base/syntax.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/cursor.h"
#include "http/request/memento.h"
#include "http/request/negotiation.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a cursor: the position of the last entry shown, and the last revision of which all
 * entries were shown. */
static const char *const cursor_fields[] = {"after_at", "after_number", "after_revision", NULL};
/* The filters that it is bound to. */
static const char *const cursor_filters[] = {"category", "state", "author", "since", NULL};
/* The parameters that it replaces in the address of the next page. */
static const char *const replaced[] = {"after", NULL};

static const struct link action_links[] = {
    {"action", "/v1/actions/{reference}"},
    {"versions", "/v1/actions/{reference}/versions"},
    {"state", "/v1/states/{state}"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link standing_links[] = {
    {"state", "/v1/states/{state}"},
    {"explanation", "/v1/states/{state}/explanation"},
    {"convention", "/v1/convention"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link call_links[] = {
    {"call", "/v1/calls/{reference}"},
    {"progress", "/v1/calls/{reference}/progress"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link reply_links[] = {
    {"reply", "/v1/replies/{reference}"},
    {"state", "/v1/states/{state}"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link note_links[] = {
    {"note", "/v1/notes/{reference}"},
    {"state", "/v1/states/{state}"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link outlook_links[] = {
    {"entry", "/v1/outlook/{reference}"},
    {"state", "/v1/states/{state}"},
    {"history", "/v1/states/{state}/outlook"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

static const struct link membership_links[] = {
    {"membership", "/v1/memberships/{reference}"},
    {"state", "/v1/states/{state}"},
    {"category", "/v1/vocabulary#/changes/{category}"},
    {.relation = NULL},
};

const struct parameter changes_parameters[] = {
    {.name = "after", .type = PARAMETER_TEXT},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "category", .type = PARAMETER_CHOICES, .choices = vocabulary_changes},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "author", .type = PARAMETER_TEXT},
    {.name = "since", .type = PARAMETER_TIME},
    {.name = NULL},
};

/* Categories that are not about treaty actions. */
static const struct {
    const char *category;
    const struct link *links;
} links[] = {
    {"entry_into_force", standing_links},
    {"status", standing_links},
    {"state", standing_links},
    {"membership", membership_links},
    {"call", call_links},
    {"outlook", outlook_links},
    {"reply", reply_links},
    {"note", note_links},
};

static const struct link *links_of(const char *category)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (strcmp(links[i].category, category) == 0) {
            return links[i].links;
        }
    }
    return action_links;
}

const char *change_address(struct arena *arena, const char *category, const char *state,
                           const char *reference)
{
    const struct named_value members[] = {
        {"category", category}, {"state", state}, {"reference", reference}, {.name = NULL}};
    const char *address = NULL;
    for (const struct link *link = links_of(category); address == NULL && link->relation != NULL;
         link++) {
        address = link_fill(arena, link->address, named_value, members);
    }
    return address;
}

void change_write(struct arena *arena, const struct row_plan *plan, int row, struct buffer *buffer)
{
    row_write(plan, row, buffer);
    /* The links are in `data`, the last member. */
    json_reopen(buffer);
    json_reopen(buffer);
    const struct link *table = links_of(rows_named(plan->rows, row, "data.category"));
    link_row(arena, table, plan, row, "data.", buffer);
    buffer_add(buffer, "}}", 2);
}

bool change_place_is_valid(const char *at, const char *number)
{
    char canonical[SYNTAX_TIME_SIZE];
    return at == NULL || number == NULL ? at == NULL && number == NULL
                                        : syntax_read_time(at, canonical) &&
                                              !memento_is_to_come(syntax_seconds(canonical)) &&
                                              syntax_is_number(number, INT_MAX);
}

/* Whether the cursor belongs to this list and these filters. */
static bool read_place(struct exchange *exchange, const char *cursor)
{
    if (!cursor_read(exchange, cursor, cursor_fields, cursor_filters)) {
        return false;
    }
    const char *revision = exchange_value(exchange, "after_revision");
    return change_place_is_valid(exchange_value(exchange, "after_at"),
                                 exchange_value(exchange, "after_number")) &&
           (revision == NULL || syntax_is_number(revision, LLONG_MAX));
}

bool change_parse_cursor(struct exchange *exchange, const char *cursor)
{
    return cursor_peek(exchange, cursor, cursor_fields) &&
           change_place_is_valid(exchange_value(exchange, "after_at"),
                                 exchange_value(exchange, "after_number"));
}

/* Moves the cursor to a row. While more rows follow, they may be of the same revision. */
static void advance_cursor(struct exchange *exchange, const struct rows *rows, int row, bool more)
{
    long long revision = strtoll(rows_named(rows, row, "data.revision"), NULL, 10);
    exchange_set_argument(exchange, "after_at",
                          render_time(exchange->arena, rows_named(rows, row, "time")));
    exchange_set_argument(exchange, "after_number",
                          arena_copy_text(exchange->arena, rows_named(rows, row, "_number")));
    exchange_set_argument(exchange, "after_revision",
                          arena_print(exchange->arena, "%lld", more ? revision - 1 : revision));
}

static void write_entry(struct exchange *exchange, const void *plan, int index,
                        struct buffer *buffer)
{
    change_write(exchange->arena, plan, index, buffer);
}

/* A page: the first rows, and the cursor. */
static void reply_page(struct exchange *exchange, const struct rows *rows, int shown,
                       const char *cursor)
{
    json_t *page = json_object();
    json_object_set_new(page, "cursor", json_string(cursor));
    paging_show_next(exchange, page, paging_address(exchange, "after", cursor, replaced));
    const struct list list = {.envelope = page,
                              .count = shown,
                              .write = write_entry,
                              .rows = rows,
                              .source = row_plan_make(exchange->arena, rows, NULL),
                              .table = &changes_table,
                              .jsonld = &changes_jsonld};
    represent_list(exchange, &list);
}

/* Whether the client waits for changes where there are none yet. */
static bool prefers_wait(const struct exchange *exchange)
{
    return negotiate_wait(exchange_header(exchange, "Prefer")) > 0;
}

/* After a long poll with no result, advances the cursor to the newest revision known before the
 * query. Otherwise a client that follows one State would be woken again by every change of another.
 */
static void advance_cursor_to_newest(struct exchange *exchange, long long newest)
{
    const char *shown = exchange_value(exchange, "after_revision");
    if (shown != NULL && newest > strtoll(shown, NULL, 10)) {
        exchange_set_argument(exchange, "after_revision",
                              arena_print(exchange->arena, "%lld", newest));
    }
}

/* Without a new entry the cursor stays the same, so that equal requests get equal responses. */
static void reply_entries(struct exchange *exchange, const struct rows *rows, int limit,
                          long long newest)
{
    bool more = rows_count(rows) > limit;
    int shown = more ? limit : rows_count(rows);
    const char *cursor = exchange_parameter(exchange, "after");
    if (shown > 0) {
        advance_cursor(exchange, rows, shown - 1, more);
        exchange->moment.known_at = exchange_value(exchange, "after_at");
    }
    if (prefers_wait(exchange)) {
        reply_header(exchange, "Preference-Applied", "wait");
        reply_header(exchange, "Cache-Control", "no-store");
        if (shown == 0) {
            advance_cursor_to_newest(exchange, newest);
            cursor = NULL;
        }
    }
    if (shown > 0 || cursor == NULL) {
        cursor = cursor_make(exchange, cursor_fields, cursor_filters);
    }
    reply_page(exchange, rows, shown, cursor);
}

/* after=latest: no entry, and a cursor behind the newest one. */
static void reply_latest(struct exchange *exchange)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    bool known = resolve_moment(exchange, session);
    pool_checkin(session);
    if (known) {
        exchange_set_argument(exchange, "after_at",
                              render_time(exchange->arena, exchange->moment.known_at));
        /* A number above that of every entry of that time. */
        exchange_set_argument(exchange, "after_number",
                              arena_print(exchange->arena, "%d", INT_MAX));
        exchange_set_argument(exchange, "after_revision", exchange->moment.revision);
        reply_page(exchange, NULL, 0, cursor_make(exchange, cursor_fields, cursor_filters));
    }
}

/* The revision that the follower's cursor is behind. */
long long changes_seen_revision(struct exchange *exchange)
{
    const char *after = exchange_parameter(exchange, "after");
    const char *revision = after != NULL && read_place(exchange, after)
                               ? exchange_value(exchange, "after_revision")
                               : NULL;
    return revision != NULL ? strtoll(revision, NULL, 10) : -1;
}

void changes_list(struct exchange *exchange)
{
    const char *after = exchange_parameter(exchange, "after");
    if (after != NULL && strcmp(after, "latest") == 0) {
        reply_latest(exchange);
        return;
    }
    if (after != NULL && !read_place(exchange, after)) {
        fault_add(exchange, FAULT_PARAMETER, "after", NULL,
                  message_text(exchange->language, MESSAGE_BAD_CURSOR));
        problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
        return;
    }
    int limit = paging_limit(exchange);
    const struct context *context = exchange->context;
    long long newest = revisions_current(context->revisions);
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_argument(exchange, "most", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = run_statement(exchange, session, &statement_changes);
    pool_checkin(session);
    if (rows != NULL) {
        reply_entries(exchange, rows, limit, newest);
        rows_free(rows);
    }
}
