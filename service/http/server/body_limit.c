#include "http/server/body_limit.h"

#include "base/memory.h"
#include "http/message/exchange.h"
#include "http/request/route.h"
#include "http/server/ulfius_bridge.h"

#include <string.h>
#include <strings.h>

struct framing {
    int lengths;
    int codings;
    bool odd;
};

static enum MHD_Result look_at_header(void *closure, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    (void)kind;
    struct framing *framing = closure;
    if (strpbrk(name, " \t") != NULL) {
        framing->odd = true;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->lengths++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->codings++;
        framing->odd = framing->odd || value == NULL || strcasecmp(value, "chunked") != 0;
    }
    return MHD_YES;
}

bool intake_is_framed(struct MHD_Connection *connection)
{
    struct framing framing = {.odd = false};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &framing);
    return !framing.odd && framing.lengths + framing.codings <= 1;
}

static bool sends_body(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                       MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

/* Whether who asks may use the route of the exchange at all. The reply is another's to give: where
 * nobody could say, the handler asks again. */
static bool may_ask(const struct application *application, struct exchange *exchange)
{
    return exchange->route->scope == NULL || application->authorize(exchange) ||
           exchange->reply.status >= MHD_HTTP_INTERNAL_SERVER_ERROR;
}

/* The one header that decides about that. */
static void take_authorization(struct MHD_Connection *connection, struct _u_map *headers)
{
    (void)u_map_init(headers);
    const char *authorization =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    if (authorization != NULL) {
        (void)u_map_put(headers, MHD_HTTP_HEADER_AUTHORIZATION, authorization);
    }
}

size_t intake_room(const struct application *application, long max_body_bytes, const char *address,
                   struct MHD_Connection *connection, const char *method)
{
    if (!sends_body(connection)) {
        return 0;
    }
    struct _u_map headers;
    take_authorization(connection, &headers);
    struct exchange exchange = {.arena = arena_open(),
                                .context = application->context,
                                .request_id = "",
                                .method = method,
                                .address = address,
                                .query = "",
                                .canonical_query = "",
                                .request_headers = &headers,
                                .client = received_from(connection, &application->trust)};
    exchange.path = arena_copy(exchange.arena, address, strcspn(address, "?"));
    bool found = route_find(&exchange, application->routes) == ROUTE_FOUND;
    bool file = found && exchange.route->takes_file;
    bool may = !found || may_ask(application, &exchange);
    exchange_end(&exchange);
    (void)u_map_clean(&headers);
    long most = file ? application->max_file_bytes : max_body_bytes;
    return may ? (size_t)most + 1 : 0;
}
