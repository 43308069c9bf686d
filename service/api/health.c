#include "api/failure.h"
#include "api/resource.h"
#include "api/resources.h"
#include "api/shared.h"
#include "http/problem.h"
#include "statements.h"

#include <string.h>

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

/* The database answers and has the schema this binary was built for. */
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
    struct rows *rows = resource_query(exchange, session, &statement_schema_version);
    store_checkin(session);
    if (rows == NULL) {
        return;
    }
    const char *schema = rows_named(rows, 0, "schema_version");
    if (schema != NULL && strcmp(schema, ETS144_SCHEMA) == 0) {
        reply_status(exchange, "ready");
    } else {
        failure_unavailable(exchange);
    }
    rows_free(rows);
}
