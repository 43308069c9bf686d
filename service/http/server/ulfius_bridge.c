#include "http/server/ulfius_bridge.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct arrival arrival_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    struct arrival arrival = {.encrypted = session != NULL && session->tls_session != NULL};
    arrival.peer_known = peer != NULL && address_of_socket(peer->client_addr, &arrival.peer);
    return arrival;
}

/* A header's values, joined by commas as they came. */
struct joined {
    const char *name;
    char text[512];
    size_t length;
    bool sent;
};

static enum MHD_Result join_header(void *closure, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    struct joined *joined = closure;
    if (value != NULL && strcasecmp(name, joined->name) == 0) {
        int more = snprintf(joined->text + joined->length, sizeof joined->text - joined->length,
                            "%s%s", joined->sent ? ", " : "", value);
        joined->length += (size_t)more;
        joined->sent = true;
    }
    return joined->length < sizeof joined->text ? MHD_YES : MHD_NO;
}

/* NULL: it was not sent. One that is too long for the log is as good as hidden. */
static const char *header_of(struct MHD_Connection *connection, struct joined *joined)
{
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, join_header, joined);
    if (joined->length >= sizeof joined->text) {
        return "";
    }
    return joined->sent ? joined->text : NULL;
}

struct client received_from(struct MHD_Connection *connection, const struct proxy_trust *trust)
{
    struct joined forwarded = {.name = "Forwarded"};
    struct joined forwarded_for = {.name = "X-Forwarded-For"};
    struct joined forwarded_proto = {.name = "X-Forwarded-Proto"};
    struct arrival arrival = arrival_of(connection);
    arrival.forwarded = header_of(connection, &forwarded);
    arrival.forwarded_for = header_of(connection, &forwarded_for);
    arrival.forwarded_proto = header_of(connection, &forwarded_proto);
    return client_find(&arrival, trust);
}

void *received_begin(const char *address, struct MHD_Connection *connection,
                     enum admission admission)
{
    struct connection_info_struct *kept = ulfius_uri_logger(NULL, address);
    if (kept == NULL) {
        return NULL;
    }
    /* Ulfius frees the request as a whole; it may be longer than Ulfius knows. */
    struct received *received = memory_reallocate(kept->request, sizeof *received);
    memset((char *)received + sizeof received->ulfius, 0,
           sizeof *received - sizeof received->ulfius);
    kept->request = &received->ulfius;
    received->admission = admission;

    received->arrival = arrival_of(connection);
    return kept;
}

static struct received *received_in(void *kept)
{
    const struct connection_info_struct *of_ulfius = kept;
    return (struct received *)(void *)of_ulfius->request;
}

void received_crowded(void *kept)
{
    received_in(kept)->admission = ADMISSION_SERVER_FULL;
}

void received_unframed(void *kept)
{
    received_in(kept)->unframed = true;
}

struct client received_client(const struct received *received, const struct proxy_trust *trust)
{
    const struct _u_map *headers = received->ulfius.map_header;
    struct arrival arrival = received->arrival;
    arrival.forwarded = u_map_get_case(headers, "Forwarded");
    arrival.forwarded_for = u_map_get_case(headers, "X-Forwarded-For");
    arrival.forwarded_proto = u_map_get_case(headers, "X-Forwarded-Proto");
    return client_find(&arrival, trust);
}
