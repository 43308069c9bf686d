#include "api/handlers.h"
#include "api/query/database_error.h"
#include "context.h"

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

/* Whether requests can be answered from the database: it says its revision, has a session for them
 * and a schema that serves this binary (else the process ends), and this process does not stop.
 * Never waits. */
void health_ready(struct exchange *exchange)
{
    struct context *context = exchange->context;
    if (atomic_load(&context->stopping) || revisions_current(context->revisions) < 0 ||
        !pool_can_serve(context->pool)) {
        database_error_unavailable(exchange);
    } else {
        reply_status(exchange, "ready");
    }
}
