#include "http/door.h"

#include "memory.h"

#include <stdlib.h>
#include <sys/socket.h>

/* Seconds that a connection has for its request if it will be told that it came at a bad time. */
enum { PATIENCE = 2 };

/* What is kept of a connection. */
struct visitor {
    const struct door *door;
    struct address address;
    bool counted; /* as one of its client's */
    enum crowding crowding;
};

static void welcome(const struct door *door, struct MHD_Connection *connection,
                    struct visitor *visitor)
{
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    visitor->door = door;
    visitor->counted = peer != NULL && address_of_socket(peer->client_addr, &visitor->address) &&
                       !address_in(&visitor->address, &door->trust->proxies);
    visitor->crowding = crowd_enter(door->crowd, visitor->counted ? &visitor->address : NULL);
    if (visitor->crowding == CROWDING_NONE) {
        return;
    }
    metrics_crowded(door->metrics);
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, PATIENCE);
    if (visitor->crowding == CROWDING_TOO_MUCH) {
        const union MHD_ConnectionInfo *socket =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        (void)shutdown(socket->connect_fd, SHUT_RDWR);
    }
}

void door_changed(void *closure, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode code)
{
    const struct door *door = closure;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct visitor *visitor = memory_allocate(sizeof *visitor);
        *context = visitor;
        welcome(door, connection, visitor);
        metrics_connection(door->metrics, 1);
        return;
    }
    struct visitor *visitor = *context;
    crowd_leave(door->crowd, visitor->counted ? &visitor->address : NULL);
    metrics_connection(door->metrics, -1);
    free(visitor);
    *context = NULL;
}

static const struct visitor *visitor_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

enum crowding door_crowding(struct MHD_Connection *connection)
{
    return visitor_of(connection)->crowding;
}

int door_present_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *about,
                             gnutls_pcert_st **certificates, unsigned *count,
                             gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count,
                             gnutls_privkey_t *key, unsigned *flags)
{
    (void)about;
    *ocsp = NULL;
    *ocsp_count = 0;
    /* libmicrohttpd tells GnuTLS of the connection. */
    const struct visitor *visitor = visitor_of(gnutls_session_get_ptr(session));
    return tls_present(visitor->door->tls, certificates, count, key, flags);
}
