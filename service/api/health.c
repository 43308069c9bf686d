#include "api/failure.h"
#include "api/resource.h"
#include "api/resources.h"
#include "api/shared.h"
#include "http/problem.h"
#include "statements.h"

static void reply_status(struct exchange *exchange, const char *status)
{
    json_t *document = json_object();
    json_object_set_new(document, "status", json_string(status));
    reply_header(exchange, "Cache-Control", "no-store");
    reply_json(exchange, 200, document);
}

/* The process runs and answers; it says nothing of the database. */
void health_live(struct exchange *exchange)
{
    reply_status(exchange, "live");
}

/* The database answers and has a schema that serves this binary, which is not about to stop. */
void health_ready(struct exchange *exchange)
{
    struct shared *shared = exchange->application;
    if (atomic_load(&shared->stopping)) {
        failure_unavailable(exchange);
        return;
    }
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    exchange_set_value(exchange, "built_for", ETS144_SCHEMA);
    struct rows *rows = resource_query(exchange, session, &statement_schema);
    store_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (rows_true(rows, 0, "serves")) {
        reply_status(exchange, "ready");
    } else {
        failure_unavailable(exchange);
    }
    rows_free(rows);
}
