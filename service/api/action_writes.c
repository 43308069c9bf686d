/* Recording, correcting and voiding treaty actions.
 *
 * Each is one transaction: the key is claimed, the condition checked under the register's lock,
 * the write made, the answer read back, and only then committed. A dry run does the very same and
 * rolls back, so that what it tells is what recording would do. */
#include "api/failure.h"
#include "api/resource.h"
#include "api/resources.h"
#include "api/shared.h"
#include "auth/token.h"
#include "http/entity_tag.h"
#include "http/problem.h"
#include "http/route.h"
#include "render/render.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

struct action_write {
    const struct statement *statement;
    int status;      /* when it was recorded */
    bool on_present; /* changes what exists: needs If-Match */
    bool takes_key;  /* Idempotency-Key is heeded */
};

static bool is_dry_run(const struct exchange *exchange)
{
    return exchange_value_is(exchange, "dry_run", "true");
}

/* The action as it is read, in one language; NULL: there is none, or a problem is the reply. */
static json_t *read_action(struct exchange *exchange, struct session *session,
                           enum language language)
{
    const char *asked = exchange_value(exchange, "lang");
    exchange_set_value(exchange, "lang", language_tag(language));
    struct rows *rows = resource_query(exchange, session, &statement_actions);
    exchange_set_value(exchange, "lang", asked);
    json_t *action =
        rows != NULL && rows_count(rows) > 0 ? render_row(exchange->arena, rows, 0, NULL) : NULL;
    if (rows != NULL) {
        rows_free(rows);
    }
    return action;
}

static const char *tag_of(struct exchange *exchange, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    entity_tag_make(text, strlen(text), tag);
    free(text);
    return tag;
}

/* The values `state` and `as_of` are the statement's filters; for reading one action they must
 * be absent. */
static void clear_filters(struct exchange *exchange)
{
    static const char *const filters[] = {"state", "as_of", "kind", "verification", "from", "to"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        exchange_set_value(exchange, filters[i], NULL);
    }
    exchange_set_value(exchange, "limit", "1");
}

/* If-Match names a representation in any language (RFC 9110 §13.1.1). Called under the lock. */
static bool check_condition(struct exchange *exchange, struct session *session)
{
    const char *condition = exchange_header(exchange, "If-Match");
    exchange_set_value(exchange, "known_at", NULL);
    if (!resource_moment(exchange, session)) {
        return false;
    }
    clear_filters(exchange);
    bool found = false;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_t *present = read_action(exchange, session, (enum language)language);
        if (present == NULL) {
            if (exchange->reply.status == 0) {
                problem_reply(exchange, PROBLEM_NOT_FOUND,
                              message_fill(exchange->arena, exchange->language, MESSAGE_NO_ACTION,
                                           exchange_value(exchange, "reference"), NULL, NULL));
            }
            return false;
        }
        found = found || entity_tag_in(condition, tag_of(exchange, present), false);
        json_decref(present);
    }
    if (!found) {
        problem_reply(exchange, PROBLEM_PRECONDITION_FAILED,
                      message_text(exchange->language, MESSAGE_IF_MATCH_STALE));
    }
    return found;
}

static bool has_condition(struct exchange *exchange)
{
    const char *condition = exchange_header(exchange, "If-Match");
    if (condition == NULL) {
        problem_reply(exchange, PROBLEM_PRECONDITION_REQUIRED,
                      message_text(exchange->language, MESSAGE_IF_MATCH_MISSING));
        return false;
    }
    if (!entity_tag_list_valid(condition)) {
        fault_add(exchange, FAULT_HEADER, "If-Match", NULL,
                  message_text(exchange->language, MESSAGE_IF_MATCH_MALFORMED));
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    return true;
}

static bool key_is_valid(const char *key)
{
    enum { LONGEST_KEY = 255 };
    size_t length = 0;
    while (key[length] > 0x20 && key[length] < 0x7f) {
        length++;
    }
    return length > 0 && length <= LONGEST_KEY && key[length] == '\0';
}

/* Sets the values `key` and `digest`; false: a problem is the reply. */
static bool take_key(struct exchange *exchange)
{
    const char *key = exchange_header(exchange, "Idempotency-Key");
    if (key == NULL) {
        return true;
    }
    if (!key_is_valid(key)) {
        fault_add(exchange, FAULT_HEADER, "Idempotency-Key", NULL,
                  message_text(exchange->language, MESSAGE_KEY_MALFORMED));
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    char *body = json_dumps(exchange->body, JSON_COMPACT | JSON_SORT_KEYS);
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    token_digest(body, digest);
    free(body);
    exchange_set_value(exchange, "key", key);
    exchange_set_value(exchange, "digest", digest);
    return true;
}

enum claim { CLAIM_NEW, CLAIM_REPLAY, CLAIM_REFUSED };

/* What became of the key: new, or answered before; otherwise a problem is the reply. */
static enum claim claim_key(struct exchange *exchange, struct session *session)
{
    if (exchange_value(exchange, "key") == NULL || is_dry_run(exchange)) {
        return CLAIM_NEW;
    }
    struct rows *rows = resource_query(exchange, session, &statement_request_claim);
    if (rows == NULL) {
        return CLAIM_REFUSED;
    }
    enum claim claim = CLAIM_REFUSED;
    const char *outcome = rows_named(rows, 0, "outcome");
    if (strcmp(outcome, "new") == 0) {
        claim = CLAIM_NEW;
    } else if (strcmp(outcome, "replay") == 0) {
        static const char *const names[] = {"reference", "known_at", "as_of"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            exchange_set_value(exchange, names[i],
                               arena_copy_text(exchange->arena, rows_named(rows, 0, names[i])));
        }
        claim = CLAIM_REPLAY;
    } else if (strcmp(outcome, "mismatch") == 0) {
        fault_add(exchange, FAULT_HEADER, "Idempotency-Key", NULL,
                  message_text(exchange->language, MESSAGE_KEY_REUSED));
        problem_reply(exchange, PROBLEM_KEY_REUSED, NULL);
    } else {
        problem_reply(exchange, PROBLEM_KEY_IN_PROGRESS,
                      message_text(exchange->language, MESSAGE_KEY_IN_PROGRESS));
        reply_header(exchange, "Retry-After", "1");
    }
    rows_free(rows);
    return claim;
}

static bool run_write(struct exchange *exchange, struct session *session,
                      const struct action_write *write)
{
    if (exchange->body != NULL) {
        char *document = json_dumps(exchange->body, JSON_COMPACT);
        exchange_set_value(exchange, "document", arena_copy_text(exchange->arena, document));
        free(document);
    }
    struct rows *rows = resource_query(exchange, session, write->statement);
    if (rows == NULL) {
        return false;
    }
    static const char *const names[] = {"reference", "version", "revision"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        exchange_set_value(exchange, names[i],
                           arena_copy_text(exchange->arena, rows_named(rows, 0, names[i])));
    }
    rows_free(rows);
    exchange_set_value(exchange, "known_at", NULL);
    exchange_set_value(exchange, "as_of", NULL);
    return true;
}

/* The action and its State as they stand at the exchange's moment, as the reply. */
static bool reply_with_action(struct exchange *exchange, struct session *session, int status)
{
    if (!resource_moment(exchange, session)) {
        return false;
    }
    const char *as_of = exchange_value(exchange, "as_of");
    clear_filters(exchange);
    json_t *action = read_action(exchange, session, exchange->language);
    if (action == NULL) {
        return false;
    }
    const char *tag = tag_of(exchange, action);
    const char *state = json_string_value(json_object_get(action, "state"));
    exchange_set_value(exchange, "state", arena_copy_text(exchange->arena, state));
    exchange_set_value(exchange, "as_of", as_of);
    struct rows *rows = resource_query(exchange, session, &statement_states);
    if (rows == NULL) {
        json_decref(action);
        return false;
    }
    json_t *document = json_object();
    if (is_dry_run(exchange)) {
        json_object_set_new(document, "dry_run", json_true());
    }
    json_object_set_new(document, "action", action);
    json_object_set_new(document, "state",
                        rows_count(rows) > 0 ? render_row(exchange->arena, rows, 0, NULL)
                                             : json_null());
    rows_free(rows);
    reply_json(exchange, status, document);
    if (!is_dry_run(exchange)) {
        exchange->reply.etag = tag;
    }
    if (status == 201) {
        reply_header(
            exchange, "Location",
            arena_print(exchange->arena, "/v1/actions/%s", exchange_value(exchange, "reference")));
    }
    return true;
}

/* False: a problem is the reply, and the transaction is to be rolled back. */
static bool write_in_transaction(struct exchange *exchange, struct session *session,
                                 const struct action_write *write)
{
    switch (claim_key(exchange, session)) {
    case CLAIM_REPLAY:
        return reply_with_action(exchange, session, write->status);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        break;
    }
    if (write->on_present) {
        struct rows *lock = resource_query(exchange, session, &statement_write_lock);
        if (lock == NULL) {
            return false;
        }
        rows_free(lock);
        if (!check_condition(exchange, session)) {
            return false;
        }
    }
    if (!run_write(exchange, session, write) ||
        !reply_with_action(exchange, session, is_dry_run(exchange) ? 200 : write->status)) {
        return false;
    }
    if (exchange_value(exchange, "key") != NULL && !is_dry_run(exchange)) {
        struct rows *settled = resource_query(exchange, session, &statement_request_settle);
        if (settled == NULL) {
            return false;
        }
        rows_free(settled);
    }
    return true;
}

static void write_action(struct exchange *exchange, const struct action_write *write)
{
    if ((write->on_present && !has_condition(exchange)) ||
        (write->takes_key && !take_key(exchange))) {
        return;
    }
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    if (session_begin(session) != STORE_DONE) {
        failure_unavailable(exchange);
    } else if (!write_in_transaction(exchange, session, write) || is_dry_run(exchange)) {
        (void)session_rollback(session);
    } else if (session_commit(session) != STORE_DONE) {
        exchange->reply.header_count = 0;
        failure_outcome_unknown(exchange);
    } else {
        /* Who wrote here reads here what was written, from now on. */
        const struct shared *shared = exchange->application;
        listener_saw(shared->listener, strtoll(exchange_value(exchange, "revision"), NULL, 10));
    }
    store_checkin(session);
}

void actions_record(struct exchange *exchange)
{
    static const struct action_write record = {
        .statement = &statement_action_record, .status = 201, .takes_key = true};
    write_action(exchange, &record);
}

void actions_correct(struct exchange *exchange)
{
    static const struct action_write correct = {
        .statement = &statement_action_correct, .status = 200, .on_present = true};
    if (resource_take_reference(exchange)) {
        write_action(exchange, &correct);
    }
}

void actions_void(struct exchange *exchange)
{
    static const struct action_write void_action = {
        .statement = &statement_action_void, .status = 200, .on_present = true};
    if (resource_take_reference(exchange)) {
        write_action(exchange, &void_action);
    }
}
