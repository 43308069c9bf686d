#include "api/resource.h"
#include "api/resources.h"
#include "render/render.h"
#include "statements.h"

void convention_show(struct exchange *exchange)
{
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = NULL;
    if (resource_moment(exchange, session)) {
        rows = resource_query(exchange, session, &statement_convention);
    }
    store_checkin(session);
    if (rows == NULL) {
        return;
    }
    json_t *convention = resource_envelope(exchange, json_null());
    json_object_del(convention, "items");
    json_t *row = render_row(exchange->arena, rows, 0, NULL);
    json_object_update(convention, row);
    json_decref(row);
    rows_free(rows);
    reply_json(exchange, 200, convention);
}
