#include "api/record/idempotency.h"

#include "api/query/authorize.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "auth/token.h"
#include "http/message/problem.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

static bool key_is_valid(const char *key)
{
    enum { MAX_KEY = 255 };
    size_t length = 0;
    while (key[length] > 0x20 && key[length] < 0x7f) {
        length++;
    }
    return length > 0 && length <= MAX_KEY && key[length] == '\0';
}

bool idempotency_take(struct exchange *exchange)
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
    token_digest(arena_print(exchange->arena, "%s\n%s", exchange->path, body), digest);
    free(body);
    exchange_set_argument(exchange, "key", key);
    exchange->body_digest = digest;
    return true;
}

/* Sets the result of the first request with this key. */
static void take_replay(struct exchange *exchange, const struct rows *rows)
{
    struct arena *arena = exchange->arena;
    exchange_set_argument(exchange, "reference",
                          arena_copy_text(arena, rows_named(rows, 0, "reference")));
    exchange_set_argument(exchange, "revision_before",
                          arena_copy_text(arena, rows_named(rows, 0, "revision_before")));
    exchange->moment =
        (struct moment){.as_of = arena_copy_text(arena, rows_named(rows, 0, "as_of")),
                        .known_at = arena_copy_text(arena, rows_named(rows, 0, "known_at")),
                        .revision = arena_copy_text(arena, rows_named(rows, 0, "revision"))};
}

static enum claim refuse_reuse(struct exchange *exchange)
{
    fault_add(exchange, FAULT_HEADER, "Idempotency-Key", NULL,
              message_text(exchange->language, MESSAGE_KEY_REUSED));
    problem_reply(exchange, PROBLEM_KEY_REUSED, NULL);
    return CLAIM_REFUSED;
}

static enum claim refuse_busy(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_KEY_IN_PROGRESS,
                  message_text(exchange->language, MESSAGE_KEY_IN_PROGRESS));
    reply_header(exchange, "Retry-After", "1");
    return CLAIM_REFUSED;
}

enum claim idempotency_outcome(struct exchange *exchange, const struct rows *rows)
{
    const char *outcome = rows_named(rows, 0, "outcome");
    if (strcmp(outcome, "new") == 0) {
        return CLAIM_NEW;
    }
    if (strcmp(outcome, "unauthenticated") == 0) {
        authorize_refuse_token(exchange);
        return CLAIM_REFUSED;
    }
    if (strcmp(outcome, "replay") == 0) {
        take_replay(exchange, rows);
        return CLAIM_REPLAY;
    }
    return strcmp(outcome, "mismatch") == 0 ? refuse_reuse(exchange) : refuse_busy(exchange);
}

enum claim request_begin(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_request_begin);
    enum claim claim = rows != NULL ? idempotency_outcome(exchange, rows) : CLAIM_REFUSED;
    rows_free(rows);
    return claim;
}

static bool begin_and_work(struct exchange *exchange, struct session *session,
                           bool (*work)(struct exchange *exchange, struct session *session),
                           bool (*repeat)(struct exchange *exchange, struct session *session))
{
    switch (request_begin(exchange, session)) {
    case CLAIM_REPLAY:
        return repeat(exchange, session);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        return work(exchange, session);
    }
}

void request_write(struct exchange *exchange,
                   bool (*work)(struct exchange *exchange, struct session *session),
                   bool (*repeat)(struct exchange *exchange, struct session *session))
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    if (session_begin(session) != STORE_DONE) {
        database_error_unavailable(exchange);
    } else if (!begin_and_work(exchange, session, work, repeat)) {
        (void)session_rollback(session);
    } else if (session_commit(session) != STORE_DONE) {
        database_error_outcome_unknown(exchange);
    }
    pool_checkin(session);
}

bool idempotency_store_result(struct exchange *exchange, struct session *session)
{
    if (exchange_value(exchange, "key") == NULL) {
        return true;
    }
    struct rows *settled = run_statement(exchange, session, &statement_request_store_result);
    rows_free(settled);
    return settled != NULL;
}
