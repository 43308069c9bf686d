#include "webhook/queue.h"

#include "base/log.h"
#include "render/row.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

/* NULL: the database refused, which is logged, or did not answer. */
static struct rows *run(struct session *session, struct arena *arena,
                        const struct statement *statement, const struct named_value *values)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run(session, statement, statement_bind(arena, statement, named_value, values),
                    &rows, &fault) == STORE_REFUSED) {
        log_event(LOG_LEVEL_ERROR, "statement_refused", log_text("statement", statement->name),
                  log_text("sqlstate", fault.sqlstate), log_text("error", fault.message));
        store_fault_clear(&fault);
    }
    return rows;
}

/* The same in a session of its own. */
static struct rows *run_once(const struct queue *queue, struct arena *arena,
                             const struct statement *statement, const struct named_value *values)
{
    struct session *session = pool_checkout(queue->pool);
    struct rows *rows = session != NULL ? run(session, arena, statement, values) : NULL;
    pool_checkin(session);
    return rows;
}

/* The body of a claimed delivery: an entry of the feed, or a test event; in the arena. NULL: no
 * answer from the database. */
static const char *body_of(const struct queue *queue, struct session *session, struct arena *arena,
                           const struct rows *claims, int row)
{
    bool is_change = rows_named(claims, row, "after_at") != NULL;
    bool is_proposal = strcmp(rows_named(claims, row, "occasion"), "proposal") == 0;
    const struct statement *statement = is_change     ? &statement_changes
                                        : is_proposal ? &statement_webhook_proposal_event
                                                      : &statement_webhook_test_event;
    const struct named_value values[] = {
        {"after_at", rows_named(claims, row, "after_at")},
        {"after_number", rows_named(claims, row, "after_number")},
        {"internal_types", rows_named(claims, row, "internal_types")},
        {"most", "1"},
        {"id", rows_named(claims, row, "delivery")},
        {"webhook", rows_named(claims, row, "webhook")},
        {.name = NULL},
    };
    struct rows *rows = run(session, arena, statement, values);
    if (rows == NULL || rows_count(rows) == 0) {
        rows_free(rows);
        return NULL;
    }
    const struct row_plan *plan = row_plan_make(arena, rows, NULL);
    struct buffer buffer = {.bytes = NULL};
    if (is_change) {
        queue->write_change(arena, plan, 0, &buffer);
    } else {
        row_write(plan, 0, &buffer);
    }
    rows_free(rows);
    const char *body = arena_copy(arena, buffer.bytes, buffer.length);
    free(buffer.bytes);
    return body;
}

static void begin(const struct queue *queue, struct session *session, struct transfers *transfers,
                  const struct rows *claims, int row)
{
    struct arena *arena = arena_open();
    const struct delivery delivery = {
        .attempt = rows_named(claims, row, "attempt"),
        .id = rows_named(claims, row, "delivery"),
        .url = rows_named(claims, row, "url"),
        .secret = rows_named(claims, row, "secret"),
        .previous_secret = rows_named(claims, row, "previous_secret"),
        .traceparent = rows_named(claims, row, "trace"),
        .body = body_of(queue, session, arena, claims, row),
    };
    /* Without a body the lease expires, and the delivery is claimed again. */
    if (delivery.body != NULL) {
        transfers_begin(transfers, &delivery);
    }
    arena_close(arena);
}

bool queue_claim(const struct queue *queue, struct transfers *transfers)
{
    enum { MAX_CLAIMED = 8 };
    int room = transfers_room(transfers);
    int most = room < MAX_CLAIMED ? room : MAX_CLAIMED;
    struct arena *arena = arena_open();
    const struct named_value values[] = {
        {"most", arena_print(arena, "%d", most)},
        {"lease", arena_print(arena, "%d milliseconds", queue->lease_ms)},
        {.name = NULL},
    };
    struct session *session = pool_checkout(queue->pool);
    struct rows *claims =
        session != NULL ? run(session, arena, &statement_webhook_claim, values) : NULL;
    int claimed = claims != NULL ? rows_count(claims) : 0;
    for (int row = 0; row < claimed; row++) {
        begin(queue, session, transfers, claims, row);
    }
    pool_checkin(session);
    rows_free(claims);
    arena_close(arena);
    return claimed == most;
}

/* Without the URL, which may contain a secret of the receiver. The cause is for operators only. */
static void log_outcome(const struct rows *rows, const struct transfer_result *result)
{
    const char *number = rows_named(rows, 0, "number");
    log_event(result->error == NULL ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "webhook_attempt",
              log_text("webhook", rows_named(rows, 0, "webhook")),
              log_text("delivery", rows_named(rows, 0, "delivery")),
              log_number("attempt", number != NULL ? strtoll(number, NULL, 10) : 0),
              log_text("outcome", rows_named(rows, 0, "outcome")),
              log_text(result->cause != NULL ? "error" : NULL, result->cause),
              log_number("status", result->status), log_number("duration_ms", result->duration_ms));
}

bool queue_finish_attempt(const struct queue *queue, const struct transfer_result *result)
{
    struct arena *arena = arena_open();
    const struct named_value values[] = {
        {"attempt", result->attempt},
        {"status", result->status > 0 ? arena_print(arena, "%d", result->status) : NULL},
        {"error", result->error},
        {"duration", result->reached ? arena_print(arena, "%ld", result->duration_ms) : NULL},
        {"answer", result->response[0] != '\0' ? result->response : NULL},
        {"pause", arena_print(arena, "%d milliseconds", queue->backoff_ms)},
        {"patience", arena_print(arena, "%ld seconds", queue->retry_for_seconds)},
        {.name = NULL},
    };
    struct rows *rows = run_once(queue, arena, &statement_webhook_finish_attempt, values);
    bool reported = rows != NULL;
    if (reported && rows_count(rows) > 0) {
        log_outcome(rows, result);
    }
    rows_free(rows);
    arena_close(arena);
    return reported;
}

void queue_release(const struct queue *queue, const struct transfers *transfers)
{
    struct arena *arena = arena_open();
    const struct named_value values[] = {
        {"attempts", transfers_attempts(transfers, arena)},
        {.name = NULL},
    };
    rows_free(run_once(queue, arena, &statement_webhook_release, values));
    arena_close(arena);
}
