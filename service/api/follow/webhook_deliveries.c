/* The deliveries of a webhook: lists of attempts and dead letters; test, redelivery, replay. */
#include "api/follow/changes.h"
#include "api/follow/webhook.h"
#include "api/format/paging.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "base/syntax.h"
#include "base/text.h"
#include "http/message/problem.h"
#include "http/request/cursor.h"
#include "render/row.h"
#include "statements.h"

#include <string.h>
#include <time.h>

const struct parameter webhook_deliveries_parameters[] = {
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

const struct json_field webhook_replay_fields[] = {
    {.name = "cursor", .type = FIELD_TEXT, .longest = 1024},
    {.name = "after", .type = FIELD_UUID},
    {.name = "since", .type = FIELD_TIME},
    {.name = NULL},
};

/* A paged list of deliveries of a webhook. A cursor carries the place of the last item shown. */
struct delivery_list {
    const struct statement *statement;
    const char *const *cursor_fields;
    const char *const *columns; /* of the last row, with the values of the cursor_fields */
    bool with_progress;
};

static const char *const cursor_filters[] = {NULL};
static const char *const replaced[] = {NULL};

static const char *const attempts_cursor_fields[] = {"before", NULL};
static const char *const attempts_columns[] = {"_attempt", NULL};
static const struct delivery_list attempts = {.statement = &statement_webhook_attempts,
                                              .cursor_fields = attempts_cursor_fields,
                                              .columns = attempts_columns,
                                              .with_progress = true};

static const char *const dead_letters_cursor_fields[] = {"after_at", "after_number", NULL};
static const char *const dead_letters_columns[] = {"changed_at", "_number", NULL};
static const struct delivery_list dead_letters = {.statement = &statement_webhook_dead_letters,
                                                  .cursor_fields = dead_letters_cursor_fields,
                                                  .columns = dead_letters_columns};

/* False: the webhook does not exist, and a problem is the response. */
static bool webhook_exists(struct exchange *exchange, struct session *session)
{
    json_t *webhook = webhook_read(exchange, session);
    json_decref(webhook);
    return webhook != NULL;
}

/* A new reference; NULL: a problem is the response. */
static json_t *read_progress(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_webhook_progress);
    json_t *progress = rows != NULL ? row_tree(exchange->arena, rows, 0, NULL) : NULL;
    rows_free(rows);
    return progress;
}

/* Reads the cursor, if there is one; false: it is not of this list, and 400 is the response. */
static bool take_cursor(struct exchange *exchange, const struct delivery_list *delivery_list)
{
    const char *cursor = exchange_value(exchange, "cursor");
    if (cursor == NULL ||
        cursor_read(exchange, cursor, delivery_list->cursor_fields, cursor_filters)) {
        return true;
    }
    paging_refuse_cursor(exchange, "cursor");
    return false;
}

static const char *next_page(struct exchange *exchange, const struct delivery_list *delivery_list,
                             const struct rows *rows, int last)
{
    for (int i = 0; delivery_list->cursor_fields[i] != NULL; i++) {
        exchange_set_argument(
            exchange, delivery_list->cursor_fields[i],
            arena_copy_text(exchange->arena, rows_named(rows, last, delivery_list->columns[i])));
    }
    return paging_address(exchange, "cursor",
                          cursor_make(exchange, delivery_list->cursor_fields, cursor_filters),
                          replaced);
}

static json_t *list_page(struct exchange *exchange, const struct delivery_list *delivery_list,
                         const struct rows *rows, int limit, json_t *progress)
{
    bool more = rows_count(rows) > limit;
    json_t *items = json_array();
    for (int row = 0; row < (more ? limit : rows_count(rows)); row++) {
        json_array_append_new(items, row_tree(exchange->arena, rows, row, NULL));
    }
    json_t *page = json_object();
    json_object_set_new(page, "webhook", json_string(exchange_value(exchange, "reference")));
    if (delivery_list->with_progress) {
        json_object_set(page, "progress", progress);
    }
    json_object_set_new(page, "items", items);
    paging_show_next(exchange, page,
                     more ? next_page(exchange, delivery_list, rows, limit - 1) : NULL);
    return page;
}

static void reply_list(struct exchange *exchange, const struct delivery_list *delivery_list)
{
    if (!webhook_take_id(exchange) || !take_cursor(exchange, delivery_list)) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    int limit = paging_limit(exchange);
    exchange_set_argument(exchange, "limit", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = NULL;
    json_t *progress = NULL;
    if (webhook_exists(exchange, session)) {
        progress = delivery_list->with_progress ? read_progress(exchange, session) : json_null();
        rows = progress != NULL ? run_statement(exchange, session, delivery_list->statement) : NULL;
    }
    pool_checkin(session);
    if (rows != NULL) {
        reply_json(exchange, 200, list_page(exchange, delivery_list, rows, limit, progress));
    }
    json_decref(progress);
    rows_free(rows);
}

void webhooks_deliveries(struct exchange *exchange)
{
    reply_list(exchange, &attempts);
}

void webhooks_dead_letters(struct exchange *exchange)
{
    reply_list(exchange, &dead_letters);
}

/* 202 with the id under which the delivery will be listed. */
static void reply_delivery(struct exchange *exchange, const char *delivery)
{
    json_t *document = json_object();
    json_object_set_new(document, "delivery", json_string(delivery));
    reply_json(exchange, 202, document);
}

static bool test(struct exchange *exchange, struct session *session)
{
    struct rows *rows = webhook_exists(exchange, session)
                            ? run_statement(exchange, session, &statement_webhook_test)
                            : NULL;
    if (rows == NULL) {
        return false;
    }
    reply_delivery(exchange, rows_named(rows, 0, "delivery"));
    rows_free(rows);
    return true;
}

void webhooks_test(struct exchange *exchange)
{
    if (webhook_take_id(exchange)) {
        webhook_write(exchange, test);
    }
}

static void refuse_delivery(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, MESSAGE_NO_DELIVERY,
                               exchange_value(exchange, "delivery"), NULL, NULL));
}

static bool redeliver(struct exchange *exchange, struct session *session)
{
    struct rows *rows = webhook_exists(exchange, session)
                            ? run_statement(exchange, session, &statement_webhook_redeliver)
                            : NULL;
    if (rows == NULL) {
        return false;
    }
    bool asked = rows_true(rows, 0, "asked");
    rows_free(rows);
    if (asked) {
        reply_delivery(exchange, exchange_value(exchange, "delivery"));
    } else {
        refuse_delivery(exchange);
    }
    return asked;
}

void webhooks_redeliver(struct exchange *exchange)
{
    exchange_set_argument(exchange, "delivery",
                          text_lower(exchange->arena, exchange_value(exchange, "delivery")));
    if (webhook_take_id(exchange)) {
        webhook_write(exchange, redeliver);
    }
}

/* The name of the only field that is not null; NULL: no field or several. */
static const char *only_field(const json_t *body)
{
    const char *only = NULL;
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)body, name, value) {
        if (!json_is_null(value)) {
            if (only != NULL) {
                return NULL;
            }
            only = name;
        }
    }
    return only;
}

static void refuse_start(struct exchange *exchange, const char *pointer, const char *detail)
{
    fault_add(exchange, FAULT_POINTER, pointer, NULL, detail);
    problem_reply(exchange, PROBLEM_INVALID_FIELD, NULL);
}

/* Sets the values of the place in the feed from which to replay; false: 422 is the response. */
static bool set_start(struct exchange *exchange)
{
    const char *field = only_field(exchange->body);
    if (field == NULL) {
        problem_reply(exchange, PROBLEM_INVALID_FIELD,
                      message_fill(exchange->arena, exchange->language, MESSAGE_EXACTLY_ONE,
                                   "cursor, after, since", NULL, NULL));
        return false;
    }
    const char *text = json_string_value(json_object_get(exchange->body, field));
    if (strcmp(field, "after") == 0) {
        exchange_set_argument(exchange, "after", text_lower(exchange->arena, text));
        return true;
    }
    if (strcmp(field, "since") == 0) {
        char *canonical = arena_allocate(exchange->arena, SYNTAX_TIME_SIZE);
        (void)syntax_read_time(text, canonical);
        if (syntax_seconds(canonical) > time(NULL)) {
            refuse_start(exchange, "/since",
                         message_fill(exchange->arena, exchange->language, MESSAGE_NOT_YET, text,
                                      NULL, NULL));
            return false;
        }
        exchange_set_argument(exchange, "after_at", canonical);
        exchange_set_argument(exchange, "after_number", "0");
        return true;
    }
    if (!change_parse_cursor(exchange, text)) {
        refuse_start(exchange, "/cursor", message_text(exchange->language, MESSAGE_BAD_CURSOR));
        return false;
    }
    if (exchange_value(exchange, "after_at") == NULL) {
        exchange_set_argument(exchange, "after_at", "-infinity");
        exchange_set_argument(exchange, "after_number", "0");
    }
    return true;
}

static bool replay(struct exchange *exchange, struct session *session)
{
    struct rows *rows = webhook_exists(exchange, session)
                            ? run_statement(exchange, session, &statement_webhook_replay)
                            : NULL;
    if (rows == NULL) {
        return false;
    }
    bool placed = rows_true(rows, 0, "placed");
    rows_free(rows);
    if (!placed) {
        refuse_start(exchange, "/after",
                     message_fill(exchange->arena, exchange->language, MESSAGE_NO_DELIVERY,
                                  exchange_value(exchange, "after"), NULL, NULL));
        return false;
    }
    json_t *progress = read_progress(exchange, session);
    if (progress != NULL) {
        reply_json(exchange, 202, progress);
    }
    return progress != NULL;
}

void webhooks_replay(struct exchange *exchange)
{
    if (webhook_take_id(exchange) && set_start(exchange)) {
        webhook_write(exchange, replay);
    }
}
