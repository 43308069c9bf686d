#include "webhook/queue.h"

#include "base/log.h"
#include "render/json.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

struct value {
    const char *name; /* NULL ends a list */
    const char *text;
};

/* Runs a statement with its parameters' values by name; NULL: no answer. */
static struct rows *ask(struct session *session, const struct statement *statement,
                        const struct value *given)
{
    enum { MAX_PARAMETERS = 8 };
    const char *values[MAX_PARAMETERS] = {NULL};
    for (int i = 0; i < statement->parameter_count; i++) {
        for (const struct value *value = given; value->name != NULL; value++) {
            if (strcmp(statement->parameters[i], value->name) == 0) {
                values[i] = value->text;
            }
        }
    }
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run(session, statement, values, &rows, &fault) == STORE_REFUSED) {
        log_event(LOG_LEVEL_ERROR, "statement_refused", log_text("statement", statement->name),
                  log_text("sqlstate", fault.sqlstate), log_text("error", fault.message));
        store_fault_clear(&fault);
    }
    return rows;
}

/* The same in a session for it alone. */
static struct rows *ask_once(const struct queue *queue, const struct statement *statement,
                             const struct value *given)
{
    struct session *session = pool_checkout(queue->store);
    struct rows *rows = session != NULL ? ask(session, statement, given) : NULL;
    pool_checkin(session);
    return rows;
}

/* The body of a claimed delivery: the feed's own entry, or a test. NULL: it cannot be had. */
static const char *body_of(const struct queue *queue, struct session *session, struct arena *arena,
                           const struct rows *claims, int row)
{
    bool is_change = rows_named(claims, row, "after_at") != NULL;
    const struct value given[] = {
        {"after_at", rows_named(claims, row, "after_at")},
        {"after_number", rows_named(claims, row, "after_number")},
        {"internal", rows_named(claims, row, "internal")},
        {"limit", "1"},
        {"id", rows_named(claims, row, "delivery")},
        {"webhook", rows_named(claims, row, "webhook")},
        {.name = NULL},
    };
    struct rows *rows =
        ask(session, is_change ? &statement_changes : &statement_webhook_test_event, given);
    if (rows == NULL || rows_count(rows) == 0) {
        rows_free(rows);
        return NULL;
    }
    json_t *item =
        is_change ? queue->render_change(arena, rows, 0) : render_row(arena, rows, 0, NULL);
    rows_free(rows);
    char *text = json_dumps(item, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(item);
    const char *body = arena_copy_text(arena, text);
    free(text);
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
    if (delivery.body != NULL) {
        transfers_begin(transfers, &delivery);
    } /* else the lease runs out, and it is claimed again */
    arena_close(arena);
}

bool queue_claim(const struct queue *queue, struct transfers *transfers)
{
    enum { MOST = 8 };
    int room = transfers_room(transfers);
    int most = room < MOST ? room : MOST;
    struct arena *arena = arena_open();
    const struct value given[] = {
        {"most", arena_print(arena, "%d", most)},
        {"lease", arena_print(arena, "%d milliseconds", queue->lease)},
        {.name = NULL},
    };
    struct session *session = pool_checkout(queue->store);
    struct rows *claims = session != NULL ? ask(session, &statement_webhook_claim, given) : NULL;
    int taken = claims != NULL ? rows_count(claims) : 0;
    for (int row = 0; row < taken; row++) {
        begin(queue, session, transfers, claims, row);
    }
    pool_checkin(session);
    rows_free(claims);
    arena_close(arena);
    return taken == most;
}

/* The URL is in no line: it may hold what only the receiver should know. */
static void log_outcome(const struct rows *rows, const struct transfer_result *result)
{
    const char *number = rows_named(rows, 0, "number");
    log_event(result->error == NULL ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "webhook_attempt",
              log_text("webhook", rows_named(rows, 0, "webhook")),
              log_text("delivery", rows_named(rows, 0, "delivery")),
              log_number("attempt", number != NULL ? strtoll(number, NULL, 10) : 0),
              log_text("outcome", rows_named(rows, 0, "outcome")),
              log_text(result->error != NULL ? "error" : NULL, result->error),
              log_number("status", result->status), log_number("milliseconds", result->duration));
}

bool queue_finish_attempt(const struct queue *queue, const struct transfer_result *result)
{
    struct arena *arena = arena_open();
    const struct value given[] = {
        {"attempt", result->attempt},
        {"status", result->status > 0 ? arena_print(arena, "%d", result->status) : NULL},
        {"error", result->error},
        {"duration", arena_print(arena, "%ld", result->duration)},
        {"answer", result->answer[0] != '\0' ? result->answer : NULL},
        {"pause", arena_print(arena, "%d milliseconds", queue->first_pause)},
        {"patience", arena_print(arena, "%ld seconds", queue->patience)},
        {.name = NULL},
    };
    struct rows *rows = ask_once(queue, &statement_webhook_finish_attempt, given);
    bool told = rows != NULL;
    if (told && rows_count(rows) > 0) {
        log_outcome(rows, result);
    }
    rows_free(rows);
    arena_close(arena);
    return told;
}

void queue_release(const struct queue *queue, const struct transfers *transfers)
{
    struct arena *arena = arena_open();
    const struct value given[] = {
        {"attempts", transfers_attempts(transfers, arena)},
        {.name = NULL},
    };
    rows_free(ask_once(queue, &statement_webhook_release, given));
    arena_close(arena);
}
