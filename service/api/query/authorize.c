#include "api/query/authorize.h"

#include "api/query/database_read.h"
#include "auth/token.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/route.h"
#include "statements.h"

#include <string.h>

static void refuse_unauthenticated(struct exchange *exchange, enum message message)
{
    bool sent = message == MESSAGE_TOKEN_UNKNOWN;
    fault_add(exchange, FAULT_HEADER, "Authorization", NULL,
              message_text(exchange->language, message));
    problem_reply(exchange, PROBLEM_UNAUTHENTICATED, NULL);
    reply_header(exchange, "WWW-Authenticate",
                 sent ? "Bearer realm=\"ets144\", error=\"invalid_token\""
                      : "Bearer realm=\"ets144\"");
}

void authorize_refuse_token(struct exchange *exchange)
{
    refuse_unauthenticated(exchange, MESSAGE_TOKEN_UNKNOWN);
}

/* A token sent in plain text may have been read on the way: it is refused without a look-up. */
static bool refuse_plain(struct exchange *exchange)
{
    const struct context *context = exchange->context;
    const struct client *client = &exchange->client;
    if (client->secure || client_is_local(client) || context->plain_tokens) {
        return false;
    }
    fault_add(exchange, FAULT_HEADER, "Authorization", NULL,
              message_text(exchange->language, MESSAGE_TOKEN_DISCLOSED));
    problem_reply(exchange, PROBLEM_INSECURE_TRANSPORT, NULL);
    reply_header(exchange, "WWW-Authenticate", "Bearer realm=\"ets144\", error=\"invalid_token\"");
    return true;
}

static bool scope_granted(const char *scopes_json, const char *scope)
{
    json_t *scopes = scopes_json != NULL ? json_loads(scopes_json, 0, NULL) : NULL;
    size_t index = 0;
    const json_t *granted = NULL;
    bool found = false;
    json_array_foreach(scopes, index, granted) {
        found = found || strcmp(json_string_value(granted), scope) == 0;
    }
    json_decref(scopes);
    return found;
}

void authorize_refuse_scope(struct exchange *exchange, const char *scope)
{
    problem_reply(exchange, PROBLEM_SCOPE_MISSING,
                  message_fill(exchange->arena, exchange->language, MESSAGE_SCOPE_MISSING, scope,
                               NULL, NULL));
    reply_header(exchange, "WWW-Authenticate",
                 arena_print(exchange->arena,
                             "Bearer realm=\"ets144\", error=\"insufficient_scope\", scope=\"%s\"",
                             scope));
}

bool authorize_grants(const struct exchange *exchange, const char *scope)
{
    return scope_granted(exchange->caller.scopes, scope);
}

bool authorize(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    const char *authorization = exchange_header(exchange, "Authorization");
    if (authorization == NULL) {
        if (route->scope != NULL) {
            refuse_unauthenticated(exchange, MESSAGE_TOKEN_MISSING);
        }
        return route->scope == NULL;
    }
    if (refuse_plain(exchange)) {
        return false;
    }
    const char *token = token_in_header(authorization);
    if (token == NULL) {
        authorize_refuse_token(exchange);
        return false;
    }
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    token_digest(token, digest);
    exchange->caller.token_digest = digest;

    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return false;
    }
    struct rows *rows = run_statement(exchange, session, &statement_token_by_digest);
    pool_checkin(session);
    if (rows == NULL) {
        return false;
    }
    bool granted = false;
    if (rows_count(rows) > 0 && route->reveals != NULL &&
        scope_granted(rows_named(rows, 0, "scopes"), route->reveals)) {
        exchange->caller.sees_internal = true;
    }
    if (rows_count(rows) == 0) {
        authorize_refuse_token(exchange);
    } else {
        exchange->caller.name = arena_copy_text(exchange->arena, rows_named(rows, 0, "name"));
        exchange->caller.scopes = arena_copy_text(exchange->arena, rows_named(rows, 0, "scopes"));
        granted = route->scope == NULL || strcmp(route->scope, ROUTE_ANY_SCOPE) == 0 ||
                  authorize_grants(exchange, route->scope);
        if (!granted) {
            authorize_refuse_scope(exchange, route->scope);
        }
    }
    rows_free(rows);
    return granted;
}
