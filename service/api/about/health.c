#include "api/handlers.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "context.h"
#include "http/message/problem.h"
#include "statements.h"

static void reply_status(struct exchange *exchange, const char *status)
{
    json_t *document = json_object();
    json_object_set_new(document, "status", json_string(status));
    reply_header(exchange, "Cache-Control", "no-store");
    reply_json(exchange, 200, document);
}

/* Liveness: the process answers, whatever the state of the database. */
void health_live(struct exchange *exchange)
{
    reply_status(exchange, "live");
}

/* Readiness: the database answers, its schema supports this build, and no stop was requested. */
void health_ready(struct exchange *exchange)
{
    struct context *context = exchange->context;
    if (atomic_load(&context->stopping)) {
        database_error_unavailable(exchange);
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_value(exchange, "built_for", ETS144_SCHEMA);
    struct rows *rows = run_statement(exchange, session, &statement_schema);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (rows_true(rows, 0, "serves")) {
        reply_status(exchange, "ready");
    } else {
        database_error_unavailable(exchange);
    }
    rows_free(rows);
}
