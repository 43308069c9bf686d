#include "http/server/received_bytes.h"

#include "http/server/client_connection.h"
#include "http/server/request_reader.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* More than find_connection_limit() (server.c) lets this process open. The functions below have no
 * argument for the table; its pages are not in memory before they are used. */
enum { MAX_SOCKETS = 1 << 20 };

static _Atomic(struct client_connection *) clients[MAX_SOCKETS];

bool received_bytes_attach(int socket, struct client_connection *client)
{
    if (socket < 0 || socket >= MAX_SOCKETS) {
        return false;
    }
    atomic_store_explicit(&clients[socket], client, memory_order_release);
    return true;
}

void received_bytes_detach(int socket)
{
    if (socket >= 0 && socket < MAX_SOCKETS) {
        atomic_store_explicit(&clients[socket], NULL, memory_order_release);
    }
}

static struct client_connection *client_of(int socket)
{
    return socket >= 0 && socket < MAX_SOCKETS
               ? atomic_load_explicit(&clients[socket], memory_order_acquire)
               : NULL;
}

static ssize_t read_client(struct client_connection *client, void *buffer, size_t size,
                           request_source *source, void *closure)
{
    struct request_reader *reader = client_connection_reader(client);
    ssize_t given = request_reader_read(reader, buffer, size, source, closure);
    client_connection_received(client);
    return given;
}

static ssize_t from_socket(void *closure, char *bytes, size_t size)
{
    return recvfrom(*(int *)closure, bytes, size, 0, NULL, NULL);
}

/* Interposed (received_bytes.h). recvfrom() without an address is the same call. Under TLS GnuTLS
 * calls it, too, for records. glibc's parameters have reserved names.
 * NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recv(int socket, void *buffer, size_t size, int flags)
{
    struct client_connection *client = client_of(socket);
    return client != NULL && client_connection_has_session(client, NULL) && flags == 0
               ? read_client(client, buffer, size, from_socket, &socket)
               : recvfrom(socket, buffer, size, flags, NULL, NULL);
}

static ssize_t from_session(void *session, char *bytes, size_t size)
{
    unsigned char sequence[8];
    return gnutls_record_recv_seq(session, bytes, size, sequence);
}

/* Interposed (received_bytes.h). gnutls_record_recv_seq() differs in its last result only. */
ssize_t gnutls_record_recv(gnutls_session_t session, void *data, size_t data_size)
{
    /* libcurl has a pointer where libmicrohttpd has the socket; no pointer is as small. */
    uintptr_t transport = (uintptr_t)gnutls_transport_get_ptr(session);
    struct client_connection *client = transport < MAX_SOCKETS ? client_of((int)transport) : NULL;
    return client != NULL && client_connection_has_session(client, session)
               ? read_client(client, data, data_size, from_session, session)
               : from_session(session, data, data_size);
}
