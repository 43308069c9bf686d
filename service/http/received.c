#include "http/received.h"

#include "memory.h"

#include <string.h>

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

    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    received->peer_known = peer != NULL && address_of_socket(peer->client_addr, &received->peer);
    received->encrypted = session != NULL && session->tls_session != NULL;
    return kept;
}
