/* The change feed as Atom, newest first. */
#include "api/follow/changes.h"
#include "api/format/paging.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "base/syntax.h"
#include "context.h"
#include "http/request/cursor.h"
#include "render/atom.h"
#include "render/json.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

const struct parameter feed_parameters[] = {
    {.name = "before", .type = PARAMETER_TEXT},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 100},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "author", .type = PARAMETER_TEXT},
    {.name = "since", .type = PARAMETER_TIME},
    {.name = NULL},
};

static const char atom_media[] = "application/atom+xml";
const char *const feed_media[] = {atom_media, NULL};

/* A cursor carries the id of the last entry shown, and is bound to the filter. An id cannot be made
 * up: there are no more pages to ask for than entries. */
static const char *const cursor_fields[] = {"before_id", NULL};
static const char *const cursor_filters[] = {"state", "author", "since", NULL};

/* A page while it is written. */
struct feed {
    struct exchange *exchange;
    struct atom *atom;
    const struct rows *rows;
    int shown;
    bool more;
};

static const char *absolute(struct exchange *exchange, const char *address)
{
    const struct context *context = exchange->context;
    return arena_print(exchange->arena, "%s%s", context->public_url, address);
}

/* The address with a parameter that was asked for. */
static const char *add_parameter(struct exchange *exchange, const char *address, const char *name)
{
    const char *value = exchange_value(exchange, name);
    if (value == NULL) {
        return address;
    }
    char separator = strchr(address, '?') == NULL ? '?' : '&';
    return arena_print(exchange->arena, "%s%c%s=%s", address, separator, name,
                       syntax_encode_percent(exchange->arena, value));
}

static const char *add_filters(struct exchange *exchange, const char *address)
{
    for (size_t i = 0; cursor_filters[i] != NULL; i++) {
        address = add_parameter(exchange, address, cursor_filters[i]);
    }
    return address;
}

/* The address of the feed in a language, with the parameters asked for; cursor NULL: the first
 * page. */
static const char *feed_address(struct exchange *exchange, const char *language, const char *cursor)
{
    const char *address = arena_print(exchange->arena, "%s?lang=%s", exchange->path, language);
    address = add_parameter(exchange, add_filters(exchange, address), "limit");
    return cursor == NULL ? address : arena_print(exchange->arena, "%s&before=%s", address, cursor);
}

static void put_link(const struct feed *feed, const char *relation, const char *media,
                     const char *language, const char *address)
{
    const struct atom_link link = {.relation = relation,
                                   .media = media,
                                   .language = language,
                                   .address = absolute(feed->exchange, address)};
    atom_link(feed->atom, &link);
}

static void put_links(const struct feed *feed)
{
    struct exchange *exchange = feed->exchange;
    const char *before = exchange_value(exchange, "before");
    const char *own = language_tag(exchange->language);
    put_link(feed, "self", atom_media, NULL, feed_address(exchange, own, before));
    put_link(feed, "first", atom_media, NULL, feed_address(exchange, own, NULL));
    if (feed->more) {
        int last = feed->shown - 1;
        exchange_set_argument(exchange, "before_id",
                              arena_copy_text(exchange->arena, rows_named(feed->rows, last, "id")));
        const char *cursor = cursor_make(exchange, cursor_fields, cursor_filters);
        put_link(feed, "next", atom_media, NULL, feed_address(exchange, own, cursor));
    }
    for (enum language other = 0; other < LANGUAGE_COUNT; other++) {
        if (other != exchange->language) {
            put_link(feed, "alternate", atom_media, language_tag(other),
                     feed_address(exchange, language_tag(other), NULL));
        }
    }
    put_link(feed, "via", "application/json", NULL, add_filters(exchange, "/v1/changes"));
}

/* For people RFC 4287 §4.2.10, for programs RFC 4946. */
static void put_licence(const struct feed *feed)
{
    const struct context *context = feed->exchange->context;
    if (context->licence[0] != '\0') {
        const struct atom_link link = {.relation = "license", .address = context->licence};
        atom_text(feed->atom, "rights", context->licence);
        atom_link(feed->atom, &link);
    }
}

static void put_entry(const struct feed *feed, int row)
{
    struct arena *arena = feed->exchange->arena;
    const char *time = render_time(arena, rows_named(feed->rows, row, "time"));
    atom_entry_begin(feed->atom);
    atom_text(feed->atom, "id",
              arena_print(arena, "urn:uuid:%s", rows_named(feed->rows, row, "id")));
    atom_text(feed->atom, "title", rows_named(feed->rows, row, "title"));
    atom_text(feed->atom, "updated", time);
    atom_text(feed->atom, "published", time);
    atom_author(feed->atom, rows_named(feed->rows, row, "recorded_by"));
    atom_category(feed->atom, rows_named(feed->rows, row, "category"),
                  absolute(feed->exchange, "/v1/vocabulary#/changes"),
                  rows_named(feed->rows, row, "category_name"));
    put_link(feed, "alternate", "application/json", NULL,
             change_address(arena, rows_named(feed->rows, row, "category"),
                            rows_named(feed->rows, row, "state"),
                            rows_named(feed->rows, row, "reference")));
    atom_text(feed->atom, "summary", rows_named(feed->rows, row, "summary"));
    atom_entry_end(feed->atom);
}

/* `updated` of the feed is the time of its newest entry, or, without entries, the beginning of the
 * register. */
static void reply_feed(struct exchange *exchange, const struct rows *head, const struct rows *rows,
                       int limit)
{
    const struct feed feed = {.exchange = exchange,
                              .atom = atom_open(language_tag(exchange->language)),
                              .rows = rows,
                              .shown = rows_count(rows) < limit ? rows_count(rows) : limit,
                              .more = rows_count(rows) > limit};
    const char *updated =
        feed.shown > 0 ? rows_named(rows, 0, "time") : rows_named(head, 0, "since");
    atom_text(feed.atom, "id", rows_named(head, 0, "id"));
    atom_text(feed.atom, "title", rows_named(head, 0, "title"));
    atom_text(feed.atom, "updated", render_time(exchange->arena, updated));
    atom_author(feed.atom, rows_named(head, 0, "author"));
    put_links(&feed);
    put_licence(&feed);
    for (int row = 0; row < feed.shown; row++) {
        put_entry(&feed, row);
    }
    size_t length = 0;
    char *bytes = atom_close(feed.atom, &length);
    exchange->moment.known_at = arena_copy_text(exchange->arena, updated);
    reply_bytes(exchange, 200, atom_media, bytes, length);
}

/* Reads the cursor, if there is one; false: it is not of this feed, and 400 is the response. */
static bool read_cursor(struct exchange *exchange)
{
    const char *before = exchange_value(exchange, "before");
    if (before == NULL || (cursor_read(exchange, before, cursor_fields, cursor_filters) &&
                           exchange_value(exchange, "before_id") != NULL &&
                           syntax_is_uuid(exchange_value(exchange, "before_id")))) {
        return true;
    }
    paging_refuse_cursor(exchange, "before");
    return false;
}

/* Sets the State's code and the place of the cursor's entry; false: there is no such entry, and 400
 * is the response. */
static bool take_head(struct exchange *exchange, const struct rows *head)
{
    static const char *const names[] = {"state_code", "before_at", "before_number"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        exchange_set_argument(exchange, names[i],
                              arena_copy_text(exchange->arena, rows_named(head, 0, names[i])));
    }
    if (exchange_value(exchange, "before") != NULL &&
        exchange_value(exchange, "before_at") == NULL) {
        paging_refuse_cursor(exchange, "before");
        return false;
    }
    return true;
}

void changes_feed(struct exchange *exchange)
{
    if (!read_cursor(exchange)) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    int limit = paging_limit(exchange);
    struct rows *rows = NULL;
    struct rows *head = run_statement(exchange, session, &statement_changes_feed_head);
    if (head != NULL && take_head(exchange, head)) {
        exchange_set_argument(exchange, "most", arena_print(exchange->arena, "%d", limit + 1));
        rows = run_statement(exchange, session, &statement_changes_feed);
    }
    pool_checkin(session);
    if (rows != NULL) {
        reply_feed(exchange, head, rows, limit);
        rows_free(rows);
    }
    if (head != NULL) {
        rows_free(head);
    }
}
