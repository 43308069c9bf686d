#include "http/received.h"

#include "memory.h"

#include <string.h>

struct arrival arrival_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    struct arrival arrival = {.encrypted = session != NULL && session->tls_session != NULL};
    arrival.peer_known = peer != NULL && address_of_socket(peer->client_addr, &arrival.peer);
    return arrival;
}

void *received_begin(const char *address, struct MHD_Connection *connection, enum crowding crowding)
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
    received->crowding = crowding;

    received->arrival = arrival_of(connection);
    return kept;
}

struct client received_client(const struct received *received, const struct trust *trust)
{
    const struct _u_map *headers = received->ulfius.map_header;
    struct arrival arrival = received->arrival;
    arrival.forwarded = u_map_get_case(headers, "Forwarded");
    arrival.forwarded_for = u_map_get_case(headers, "X-Forwarded-For");
    arrival.forwarded_proto = u_map_get_case(headers, "X-Forwarded-Proto");
    return client_find(&arrival, trust);
}
