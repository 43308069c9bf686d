/* The tokens of machines, for callers with the scope tokens:write. The database has the rule that
 * nobody gives away a scope that they do not have (sql/deploy/service.sql). */
#include "api/handlers.h"
#include "api/query/authorize.h"
#include "api/query/database_read.h"
#include "api/record/idempotency.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/syntax.h"
#include "base/text.h"
#include "http/message/problem.h"
#include "render/row.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TOKEN_NAME = 64, MAX_SCOPES = 50, MAX_GRACE_SECONDS = 30 * SECONDS_PER_DAY };

const struct json_field token_create_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .longest = MAX_TOKEN_NAME, .required = true},
    {.name = "scopes",
     .type = FIELD_TEXTS,
     .longest = MAX_SCOPES,
     .required = true,
     .choices = token_scopes},
    {.name = "expires_on", .type = FIELD_DATE},
    {.name = NULL},
};

const struct parameter token_rotate_parameters[] = {
    {.name = "keep_previous_for", .type = PARAMETER_NUMBER, .least = 0, .most = MAX_GRACE_SECONDS},
    {.name = "expires_on", .type = PARAMETER_DATE},
    {.name = NULL},
};

static const char *sentence(const struct exchange *exchange, enum message message,
                            const char *filling)
{
    return exchange_sentence(exchange, message, filling, NULL, NULL);
}

static void refuse_missing(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  sentence(exchange, MESSAGE_NO_TOKEN, exchange_parameter(exchange, "id")));
}

/* False: 404 is the response. */
static bool take_id(struct exchange *exchange)
{
    const char *id = exchange_parameter(exchange, "id");
    if (!syntax_is_uuid(id)) {
        refuse_missing(exchange);
        return false;
    }
    exchange_set_argument(exchange, "id", text_lower(exchange->arena, id));
    return true;
}

/* Adds a fault if the day has passed, in UTC. */
static void check_expiry(struct exchange *exchange, enum fault_place place, const char *where,
                         const char *day)
{
    char today[CLOCK_DAY_SIZE];
    clock_write_day(clock_utc_day(), today);
    if (day != NULL && strcmp(day, today) < 0) {
        fault_add(exchange, place, where, NULL, sentence(exchange, MESSAGE_EXPIRY_PAST, day));
    }
}

void tokens_check(struct exchange *exchange)
{
    const json_t *scopes = json_object_get(exchange->body, "scopes");
    if (json_is_array(scopes) && json_array_size(scopes) == 0) {
        json_body_fault(exchange, "/scopes", MESSAGE_NO_SCOPE, NULL, NULL);
    }
    check_expiry(exchange, FAULT_POINTER, "/expires_on",
                 json_string_value(json_object_get(exchange->body, "expires_on")));
}

/* Reading ------------------------------------------------------------------------------------- */

/* The token of the argument `id`; NULL: a problem is the response. A new reference. */
static json_t *token_read(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_tokens);
    json_t *token = NULL;
    if (rows != NULL && rows_count(rows) > 0) {
        token = row_tree(exchange->arena, rows, 0, NULL);
    } else if (rows != NULL) {
        refuse_missing(exchange);
    }
    rows_free(rows);
    return token;
}

void tokens_list(struct exchange *exchange)
{
    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_statement(exchange, session, &statement_tokens);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    json_t *items = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        json_array_append_new(items, row_tree(exchange->arena, rows, row, NULL));
    }
    rows_free(rows);
    json_t *list = json_object();
    json_object_set_new(list, "items", items);
    reply_json(exchange, 200, list);
}

void tokens_show(struct exchange *exchange)
{
    struct session *session = take_id(exchange) ? primary_session(exchange) : NULL;
    if (session == NULL) {
        return;
    }
    json_t *token = token_read(exchange, session);
    pool_checkin(session);
    if (token != NULL) {
        reply_json(exchange, 200, token);
    }
}

/* Writing ------------------------------------------------------------------------------------- */

/* Makes a token and sets the argument `digest`. NULL: a problem is the response. */
static const char *make_token(struct exchange *exchange)
{
    char *token = arena_allocate(exchange->arena, TOKEN_SIZE);
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    if (!token_make(token)) {
        problem_reply(exchange, PROBLEM_INTERNAL, NULL);
        return NULL;
    }
    token_digest(token, digest);
    exchange_set_argument(exchange, "digest", digest);
    return token;
}

/* {token, secret}; `secret` NULL: a repetition, which shows it no more. */
static bool reply_token(struct exchange *exchange, struct session *session, int status,
                        const char *secret)
{
    json_t *token = token_read(exchange, session);
    if (token == NULL) {
        return false;
    }
    json_t *document = json_object();
    json_object_set_new(document, "token", token);
    json_object_set_new(document, "secret", secret != NULL ? json_string(secret) : json_null());
    reply_json(exchange, status, document);
    if (status == 201) {
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "/v1/tokens/%s", exchange_value(exchange, "id")));
    }
    return true;
}

static void refuse_name(struct exchange *exchange)
{
    fault_add(exchange, FAULT_POINTER, "/name", NULL,
              message_text(exchange->language, MESSAGE_TOKEN_NAME));
    problem_reply(exchange, PROBLEM_INVALID_FIELD, NULL);
}

static void refuse_taken(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_TOKEN_NAME_TAKEN,
                  sentence(exchange, MESSAGE_TOKEN_NAME_TAKEN,
                           json_string_value(json_object_get(exchange->body, "name"))));
}

static void refuse_ended(struct exchange *exchange)
{
    fault_add(exchange, FAULT_PARAMETER, "expires_on", NULL,
              message_text(exchange->language, MESSAGE_TOKEN_ENDED));
    problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
}

/* Responds to an outcome of the database. True: it is none of the refusals. */
static bool accept_outcome(struct exchange *exchange, const struct rows *rows)
{
    static const struct {
        const char *outcome;
        void (*refuse)(struct exchange *exchange);
    } refusals[] = {{"name_refused", refuse_name},
                    {"name_taken", refuse_taken},
                    {"unknown", refuse_missing},
                    {"ended", refuse_ended}};
    const char *outcome = rows_count(rows) > 0 ? rows_named(rows, 0, "outcome") : "unknown";
    if (strcmp(outcome, "scope_missing") == 0) {
        authorize_refuse_scope(exchange,
                               arena_copy_text(exchange->arena, rows_named(rows, 0, "scope")));
        return false;
    }
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strcmp(outcome, refusals[i].outcome) == 0) {
            refusals[i].refuse(exchange);
            return false;
        }
    }
    return true;
}

/* Sets the arguments `id` and `reference` to the token of a row; NULL: there is none. */
static void take_reference(struct exchange *exchange, const char *id)
{
    exchange_set_argument(exchange, "id", id);
    exchange_set_argument(exchange, "reference", id);
}

static bool create(struct exchange *exchange, struct session *session)
{
    const char *token = make_token(exchange);
    char *document = json_dumps(exchange->body, JSON_COMPACT);
    exchange_set_argument(exchange, "document", arena_copy_text(exchange->arena, document));
    free(document);
    struct rows *rows =
        token != NULL ? run_statement(exchange, session, &statement_token_issue) : NULL;
    bool created = rows != NULL && accept_outcome(exchange, rows);
    if (created) {
        take_reference(exchange, arena_copy_text(exchange->arena, rows_named(rows, 0, "id")));
    }
    rows_free(rows);
    return created && reply_token(exchange, session, 201, token) &&
           idempotency_store_result(exchange, session);
}

static bool repeat(struct exchange *exchange, struct session *session)
{
    take_reference(exchange, exchange_value(exchange, "reference"));
    return reply_token(exchange, session, 201, NULL);
}

void tokens_create(struct exchange *exchange)
{
    if (idempotency_take(exchange)) {
        request_write(exchange, create, repeat);
    }
}

static bool rotate(struct exchange *exchange, struct session *session)
{
    const char *token = make_token(exchange);
    struct rows *rows =
        token != NULL ? run_statement(exchange, session, &statement_token_reissue) : NULL;
    bool rotated = rows != NULL && accept_outcome(exchange, rows);
    rows_free(rows);
    return rotated && reply_token(exchange, session, 200, token);
}

void tokens_rotate(struct exchange *exchange)
{
    check_expiry(exchange, FAULT_PARAMETER, "expires_on",
                 exchange_parameter(exchange, "expires_on"));
    if (fault_found(exchange)) {
        problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
    } else if (take_id(exchange)) {
        request_write(exchange, rotate, NULL);
    }
}

static bool revoke(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_token_withdraw);
    bool known = rows != NULL && rows_count(rows) > 0;
    if (rows != NULL && !known) {
        refuse_missing(exchange);
    }
    rows_free(rows);
    if (known) {
        exchange->response.status = 204;
    }
    return known;
}

void tokens_revoke(struct exchange *exchange)
{
    if (take_id(exchange)) {
        request_write(exchange, revoke, NULL);
    }
}
