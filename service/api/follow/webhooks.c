/* Webhooks: registration, change and deletion. Their deliveries are in webhook_deliveries.c. */
#include "api/follow/webhook.h"
#include "api/format/link.h"
#include "api/handlers.h"
#include "api/query/authorize.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "api/read/vocabulary.h"
#include "api/record/idempotency.h"
#include "api/record/if_match.h"
#include "base/syntax.h"
#include "base/text.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/route.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"
#include "webhook/signature.h"
#include "webhook/url_guard.h"

#include <stdlib.h>
#include <string.h>

/* A webhook as it is registered and changed; a change names only the fields that change. */
#define WEBHOOK_FIELDS                                                                             \
    {.name = "description", .type = FIELD_TEXT, .longest = 500},                                   \
        {.name = "categories",                                                                     \
         .type = FIELD_TEXTS,                                                                      \
         .longest = 12,                                                                            \
         .choices = vocabulary_deliveries},                                                        \
        {.name = "states", .type = FIELD_STATES, .longest = 300},                                  \
        {.name = "internal", .type = FIELD_BOOLEAN},                                               \
    {                                                                                              \
        .name = "enabled", .type = FIELD_BOOLEAN                                                   \
    }

const struct json_field webhook_create_fields[] = {
    {.name = "url", .type = FIELD_TEXT, .longest = MAX_WEBHOOK_URL, .required = true},
    WEBHOOK_FIELDS,
    {.name = NULL},
};

const struct json_field webhook_change_fields[] = {
    {.name = "url", .type = FIELD_TEXT, .longest = MAX_WEBHOOK_URL},
    WEBHOOK_FIELDS,
    {.name = NULL},
};

const struct parameter webhook_rotate_parameters[] = {
    {.name = "keep_previous", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};

/* The number that a dispatcher delivers to at the same time, so that no webhook delays the others;
 * and the share of a token. */
#define MAX_WEBHOOKS "100"
#define MAX_WEBHOOKS_OF_TOKEN "20"

static const struct link webhook_links[] = {
    {"self", "/v1/webhooks/{id}"},
    {"deliveries", "/v1/webhooks/{id}/deliveries"},
    {"dead_letters", "/v1/webhooks/{id}/dead-letters"},
    {.relation = NULL},
};

static json_t *webhook_item(struct exchange *exchange, const struct rows *rows, int row)
{
    struct buffer item = {.bytes = NULL};
    const struct row_plan *plan = row_plan_make(exchange->arena, rows, NULL);
    row_write(plan, row, &item);
    json_reopen(&item);
    link_row(exchange->arena, webhook_links, plan, row, "", &item);
    buffer_add(&item, "}", 1);
    return json_tree_of(&item);
}

static void refuse_missing(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, MESSAGE_NO_WEBHOOK,
                               exchange_value(exchange, "id"), NULL, NULL));
}

bool webhook_take_id(struct exchange *exchange)
{
    const char *id = exchange_value(exchange, "id");
    if (!syntax_is_uuid(id)) {
        refuse_missing(exchange);
        return false;
    }
    exchange_set_argument(exchange, "reference", text_lower(exchange->arena, id));
    return true;
}

json_t *webhook_read(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_webhooks);
    json_t *webhook = NULL;
    if (rows != NULL && rows_count(rows) > 0) {
        webhook = webhook_item(exchange, rows, 0);
    } else if (rows != NULL) {
        refuse_missing(exchange);
    }
    rows_free(rows);
    return webhook;
}

void webhooks_list(struct exchange *exchange)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_statement(exchange, session, &statement_webhooks);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    json_t *items = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        json_array_append_new(items, webhook_item(exchange, rows, row));
    }
    rows_free(rows);
    json_t *list = json_object();
    json_object_set_new(list, "items", items);
    reply_json(exchange, 200, list);
}

void webhooks_show(struct exchange *exchange)
{
    struct session *session = webhook_take_id(exchange) ? read_session(exchange) : NULL;
    if (session == NULL) {
        return;
    }
    json_t *webhook = webhook_read(exchange, session);
    pool_checkin(session);
    if (webhook != NULL) {
        reply_json(exchange, 200, webhook);
    }
}

static void add_fault(struct exchange *exchange, const char *pointer, enum message message,
                      const char *filling)
{
    fault_add(exchange, FAULT_POINTER, pointer, NULL,
              message_fill(exchange->arena, exchange->language, message, filling, NULL, NULL));
}

/* Adds the faults of the address; false: the SSRF guard refuses it. */
static bool check_url(struct exchange *exchange)
{
    static const enum message messages[] = {
        [URL_GUARD_NOT_A_URL] = MESSAGE_NOT_A_URL,
        [URL_GUARD_NOT_SECURE] = MESSAGE_WEBHOOK_NOT_SECURE,
        [URL_GUARD_CREDENTIALS] = MESSAGE_WEBHOOK_CREDENTIALS,
        [URL_GUARD_FRAGMENT] = MESSAGE_WEBHOOK_FRAGMENT,
        [URL_GUARD_PORT] = MESSAGE_WEBHOOK_PORT,
        [URL_GUARD_ADDRESS] = MESSAGE_WEBHOOK_ADDRESS,
    };
    const json_t *given = json_object_get(exchange->body, "url");
    if (json_is_null(given)) {
        add_fault(exchange, "/url", MESSAGE_REQUIRED_FIELD, "url");
    }
    const char *url = json_string_value(given);
    const struct context *context = exchange->context;
    enum url_guard_verdict verdict =
        url != NULL ? url_guard_url(&context->url_guard, url) : URL_GUARD_ALLOWED;
    if (verdict != URL_GUARD_ALLOWED) {
        add_fault(exchange, "/url", messages[verdict], url);
    }
    return verdict == URL_GUARD_ALLOWED;
}

/* An empty list would select nothing; null or no list selects all. */
static void check_list(struct exchange *exchange, const char *name)
{
    const json_t *list = json_object_get(exchange->body, name);
    if (json_is_array(list) && json_array_size(list) == 0) {
        add_fault(exchange, arena_print(exchange->arena, "/%s", name), MESSAGE_EMPTY_LIST, NULL);
    }
}

/* Adds a fault for each unknown State; false: a problem is the response. */
static bool check_states(struct exchange *exchange, struct session *session)
{
    const char *codes = "";
    size_t index = 0;
    json_t *code = NULL;
    json_array_foreach(json_object_get(exchange->body, "states"), index, code) {
        codes = arena_print(exchange->arena, "%s%s%s", codes, index > 0 ? "," : "",
                            json_string_value(code));
    }
    exchange_set_argument(exchange, "codes", codes);
    struct rows *unknown = run_statement(exchange, session, &statement_states_unknown);
    for (int row = 0; unknown != NULL && row < rows_count(unknown); row++) {
        add_fault(exchange,
                  arena_print(exchange->arena, "/states/%s", rows_named(unknown, row, "place")),
                  MESSAGE_NO_STATE, rows_named(unknown, row, "code"));
    }
    bool asked = unknown != NULL;
    rows_free(unknown);
    return asked;
}

static bool wants_proposals(const struct exchange *exchange)
{
    size_t index = 0;
    const json_t *category = NULL;
    json_array_foreach(json_object_get(exchange->body, "categories"), index, category) {
        if (strcmp(json_string_value(category), "proposal") == 0) {
            return true;
        }
    }
    return false;
}

/* Checks the body and sets the value `document` to its text; false: a problem is the response. */
static bool check_document(struct exchange *exchange, struct session *session)
{
    if (json_is_true(json_object_get(exchange->body, "internal")) &&
        exchange_value(exchange, "internal") == NULL) {
        authorize_refuse_scope(exchange, exchange->route->reveals);
        return false;
    }
    if (wants_proposals(exchange) && !authorize_grants(exchange, "changesets:approve")) {
        authorize_refuse_scope(exchange, "changesets:approve");
        return false;
    }
    bool allowed = check_url(exchange);
    check_list(exchange, "categories");
    check_list(exchange, "states");
    if (!check_states(exchange, session)) {
        return false;
    }
    if (fault_found(exchange)) {
        problem_reply(exchange, allowed ? PROBLEM_INVALID_FIELD : PROBLEM_WEBHOOK_URL_REFUSED,
                      NULL);
        return false;
    }
    char *document = json_dumps(exchange->body, JSON_COMPACT);
    exchange_set_argument(exchange, "document", arena_copy_text(exchange->arena, document));
    free(document);
    return true;
}

/* Sets the value `secret` to a new secret; false: a problem is the response. */
static bool make_secret(struct exchange *exchange)
{
    char *secret = arena_allocate(exchange->arena, SECRET_SIZE);
    if (!secret_make(secret)) {
        problem_reply(exchange, PROBLEM_INTERNAL, NULL);
        return false;
    }
    exchange_set_argument(exchange, "secret", secret);
    return true;
}

/* Replies with the webhook and its secret, which is shown only here; null if it was rotated since.
 */
static bool reply_created(struct exchange *exchange, struct session *session)
{
    json_t *webhook = webhook_read(exchange, session);
    if (webhook == NULL) {
        return false;
    }
    const char *secret = exchange_value(exchange, "secret");
    json_t *document = json_object();
    exchange->response.etag = if_match_tag(exchange, webhook);
    json_object_set_new(document, "webhook", webhook);
    json_object_set_new(document, "secret", secret != NULL ? json_string(secret) : json_null());
    reply_json(exchange, 201, document);
    reply_header(
        exchange, "Location",
        arena_print(exchange->arena, "/v1/webhooks/%s", exchange_value(exchange, "reference")));
    return true;
}

/* Replies again to a request repeated with its Idempotency-Key. */
static bool reply_again(struct exchange *exchange, struct session *session)
{
    exchange_set_argument(exchange, "id", exchange_value(exchange, "reference"));
    struct rows *rows = run_statement(exchange, session, &statement_webhook_first_secret);
    if (rows == NULL) {
        return false;
    }
    exchange_set_argument(exchange, "secret",
                          arena_copy_text(exchange->arena, rows_named(rows, 0, "secret")));
    rows_free(rows);
    return reply_created(exchange, session);
}

void webhook_write(struct exchange *exchange,
                   bool (*work)(struct exchange *exchange, struct session *session))
{
    request_write(exchange, work, reply_again); /* only a creation takes a key */
}

static bool create(struct exchange *exchange, struct session *session)
{
    if (!check_document(exchange, session) || !make_secret(exchange)) {
        return false;
    }
    exchange_set_argument(exchange, "most", MAX_WEBHOOKS);
    exchange_set_argument(exchange, "most_of_author", MAX_WEBHOOKS_OF_TOKEN);
    struct rows *rows = run_statement(exchange, session, &statement_webhook_create);
    if (rows == NULL) {
        return false;
    }
    exchange_set_argument(exchange, "reference",
                          arena_copy_text(exchange->arena, rows_named(rows, 0, "reference")));
    rows_free(rows);
    if (exchange_value(exchange, "reference") == NULL) {
        problem_reply(exchange, PROBLEM_TOO_MANY_WEBHOOKS,
                      message_fill(exchange->arena, exchange->language, MESSAGE_TOO_MANY_WEBHOOKS,
                                   MAX_WEBHOOKS_OF_TOKEN, MAX_WEBHOOKS, NULL));
        return false;
    }
    return reply_created(exchange, session) && idempotency_store_result(exchange, session);
}

void webhooks_create(struct exchange *exchange)
{
    if (idempotency_take(exchange)) {
        webhook_write(exchange, create);
    }
}

/* Runs a statement whose row is not needed; false: a problem is the response. */
static bool run(struct exchange *exchange, struct session *session,
                const struct statement *statement)
{
    struct rows *rows = run_statement(exchange, session, statement);
    rows_free(rows);
    return rows != NULL;
}

/* Locks the row of the webhook until the transaction ends; false: it does not exist or does not
 * match If-Match, and a problem is the response. */
static bool lock_webhook(struct exchange *exchange, struct session *session)
{
    if (!run(exchange, session, &statement_webhook_lock)) {
        return false;
    }
    json_t *present = webhook_read(exchange, session);
    bool same = present != NULL && if_match_names(exchange, present);
    if (present != NULL && !same) {
        if_match_refuse(exchange);
    }
    json_decref(present);
    return same;
}

static bool change(struct exchange *exchange, struct session *session)
{
    if (!lock_webhook(exchange, session) || !check_document(exchange, session) ||
        !run(exchange, session, &statement_webhook_change)) {
        return false;
    }
    json_t *webhook = webhook_read(exchange, session);
    if (webhook == NULL) {
        return false;
    }
    exchange->response.etag = if_match_tag(exchange, webhook);
    reply_json(exchange, 200, webhook);
    return true;
}

void webhooks_change(struct exchange *exchange)
{
    if (webhook_take_id(exchange) && if_match_given(exchange)) {
        webhook_write(exchange, change);
    }
}

static bool delete (struct exchange *exchange, struct session *session)
{
    if (!lock_webhook(exchange, session) || !run(exchange, session, &statement_webhook_delete)) {
        return false;
    }
    exchange->response.status = 204;
    return true;
}

void webhooks_delete(struct exchange *exchange)
{
    if (webhook_take_id(exchange) && if_match_given(exchange)) {
        webhook_write(exchange, delete);
    }
}

/* The tag is that of the webhook, which shows when its secret was changed. */
static bool rotate(struct exchange *exchange, struct session *session)
{
    if (!lock_webhook(exchange, session) || !make_secret(exchange)) {
        return false;
    }
    struct rows *rows = run_statement(exchange, session, &statement_webhook_rotate);
    if (rows == NULL) {
        return false;
    }
    json_t *document = row_tree(exchange->arena, rows, 0, NULL);
    rows_free(rows);
    json_object_set_new(document, "secret", json_string(exchange_value(exchange, "secret")));
    reply_json(exchange, 200, document);
    json_t *webhook = webhook_read(exchange, session);
    if (webhook != NULL) {
        exchange->response.etag = if_match_tag(exchange, webhook);
    }
    json_decref(webhook);
    return webhook != NULL;
}

void webhooks_rotate(struct exchange *exchange)
{
    if (webhook_take_id(exchange) && if_match_given(exchange)) {
        webhook_write(exchange, rotate);
    }
}
