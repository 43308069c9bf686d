#include "api/query/authorize.h"

#include "api/query/database_read.h"
#include "auth/identity_provider.h"
#include "auth/token.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/route.h"
#include "statements.h"
#include "store/token_uses.h"

#include <stdlib.h>
#include <string.h>

/* `sent`: there is a token, and it is not valid (RFC 6750 §3.1). */
static void refuse_unauthenticated(struct exchange *exchange, enum message message, bool sent)
{
    fault_add(exchange, FAULT_HEADER, "Authorization", NULL,
              message_text(exchange->language, message));
    problem_reply(exchange, PROBLEM_UNAUTHENTICATED, NULL);
    reply_header(exchange, "WWW-Authenticate",
                 sent ? "Bearer realm=\"ets144\", error=\"invalid_token\""
                      : "Bearer realm=\"ets144\"");
}

void authorize_refuse_token(struct exchange *exchange)
{
    refuse_unauthenticated(exchange, MESSAGE_TOKEN_UNKNOWN, true);
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

/* Looks the token up; false: a problem is the response. */
static bool take_machine(struct exchange *exchange, const char *token)
{
    struct caller *caller = &exchange->caller;
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    token_digest(token, digest);
    caller->token_digest = digest;
    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return false;
    }
    struct rows *rows = run_statement(exchange, session, &statement_token_by_digest);
    pool_checkin(session);
    if (rows == NULL) {
        return false;
    }
    bool found = rows_count(rows) > 0;
    if (found) {
        caller->name = arena_copy_text(exchange->arena, rows_named(rows, 0, "name"));
        caller->scopes = arena_copy_text(exchange->arena, rows_named(rows, 0, "scopes"));
        caller->expires_at = arena_copy_text(exchange->arena, rows_named(rows, 0, "expires_at"));
        token_uses_note(((const struct context *)exchange->context)->token_uses, caller->name);
    } else {
        authorize_refuse_token(exchange);
    }
    rows_free(rows);
    return found;
}

static void refuse_verdict(struct exchange *exchange, enum jwt_verdict verdict)
{
    static const enum message messages[JWT_VERDICTS] = {
        [JWT_MALFORMED] = MESSAGE_TOKEN_UNKNOWN, [JWT_TYPE] = MESSAGE_JWT_TYPE,
        [JWT_ALGORITHM] = MESSAGE_JWT_ALGORITHM, [JWT_CRITICAL] = MESSAGE_JWT_CRITICAL,
        [JWT_ISSUER] = MESSAGE_JWT_ISSUER,       [JWT_AUDIENCE] = MESSAGE_JWT_AUDIENCE,
        [JWT_EXPIRED] = MESSAGE_JWT_EXPIRED,     [JWT_NOT_YET] = MESSAGE_JWT_NOT_YET,
        [JWT_CLAIM] = MESSAGE_JWT_CLAIM,         [JWT_KEY_UNKNOWN] = MESSAGE_JWT_KEY_UNKNOWN,
        [JWT_SIGNATURE] = MESSAGE_JWT_SIGNATURE,
    };
    if (verdict == JWT_UNAVAILABLE) {
        problem_reply(exchange, PROBLEM_UNAVAILABLE,
                      message_text(exchange->language, MESSAGE_PROVIDER_AWAY));
        reply_header(exchange, "Retry-After", "5");
        return;
    }
    refuse_unauthenticated(exchange, messages[verdict], true);
}

/* The document that the register's functions take, as text in the arena. */
static const char *person_document(struct arena *arena, const struct person *person)
{
    json_t *document = json_pack("{s:s, s:s, s:s, s:O, s:I}", "issuer", person->issuer, "subject",
                                 person->subject, "name", person->name, "scopes", person->scopes,
                                 "expires_at", (json_int_t)person->expires_at);
    char *text = json_dumps(document, JSON_COMPACT);
    const char *copy = arena_copy_text(arena, text);
    free(text);
    json_decref(document);
    return copy;
}

/* Verifies the access token; false: a problem is the response. */
static bool take_person(struct exchange *exchange, const char *token)
{
    const struct context *context = exchange->context;
    struct caller *caller = &exchange->caller;
    struct person person = {.scopes = NULL};
    if (context->identity_provider == NULL) {
        authorize_refuse_token(exchange);
        return false;
    }
    enum jwt_verdict verdict =
        identity_provider_verify(context->identity_provider, exchange->arena, token, &person);
    if (verdict != JWT_VALID) {
        refuse_verdict(exchange, verdict);
        return false;
    }
    char *scopes = json_dumps(person.scopes, JSON_COMPACT);
    caller->name = arena_print(exchange->arena, "subject:%s", person.subject);
    caller->person = person_document(exchange->arena, &person);
    caller->scopes = arena_copy_text(exchange->arena, scopes);
    free(scopes);
    json_decref(person.scopes);
    return true;
}

static bool take_caller(struct exchange *exchange, const char *authorization)
{
    const char *token = token_in_header(authorization);
    const char *jwt = token == NULL ? token_jwt_in_header(authorization) : NULL;
    if (token != NULL) {
        return take_machine(exchange, token);
    }
    if (jwt != NULL) {
        return take_person(exchange, jwt);
    }
    authorize_refuse_token(exchange);
    return false;
}

bool authorize_grants(const struct exchange *exchange, const char *scope)
{
    return scope_granted(exchange->caller.scopes, scope);
}

/* The types of record that may be internal. */
static const struct {
    const char *type;
    const char *scope;
} internal_scopes[] = {
    {"outlook", "outlook:read"},
    {"note", "notes:read"},
};

enum { INTERNAL_SCOPE_COUNT = sizeof internal_scopes / sizeof internal_scopes[0] };

const char *authorize_scope_for_internal(const char *type)
{
    for (size_t i = 0; i < INTERNAL_SCOPE_COUNT; i++) {
        if (strcmp(internal_scopes[i].type, type) == 0) {
            return internal_scopes[i].scope;
        }
    }
    return NULL;
}

void authorize_reveal(struct exchange *exchange, const char *type)
{
    const char *known = exchange->caller.internal_types;
    exchange->caller.sees_internal = true;
    exchange->caller.internal_types =
        known == NULL ? type : arena_print(exchange->arena, "%s,%s", known, type);
}

/* Whether the list, by spaces, has the scope. */
static bool names_scope(const char *scopes, const char *scope)
{
    const size_t length = strlen(scope);
    const char *found = strstr(scopes, scope);
    return found != NULL && (found == scopes || found[-1] == ' ') &&
           (found[length] == '\0' || found[length] == ' ');
}

static void set_internal(struct exchange *exchange, const char *reveals)
{
    exchange->caller.sees_all_internal = reveals != NULL;
    for (size_t i = 0; reveals != NULL && i < INTERNAL_SCOPE_COUNT; i++) {
        if (!names_scope(reveals, internal_scopes[i].scope)) {
            continue;
        }
        if (authorize_grants(exchange, internal_scopes[i].scope)) {
            authorize_reveal(exchange, internal_scopes[i].type);
        } else {
            exchange->caller.sees_all_internal = false;
        }
    }
}

bool authorize(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    const char *authorization = exchange_header(exchange, "Authorization");
    if (authorization == NULL) {
        if (route->scope != NULL) {
            refuse_unauthenticated(exchange, MESSAGE_TOKEN_MISSING, false);
        }
        return route->scope == NULL;
    }
    if (refuse_plain(exchange) || !take_caller(exchange, authorization)) {
        return false;
    }
    set_internal(exchange, route->reveals);
    if (route->scope != NULL && route->scope[0] != '\0' &&
        !authorize_grants(exchange, route->scope)) {
        authorize_refuse_scope(exchange, route->scope);
        return false;
    }
    return true;
}
