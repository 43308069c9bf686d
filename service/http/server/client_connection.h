/* Visitors: client connections as they come and go, and how long each may take: to be silent, to
 * send a request, to take a reply. libmicrohttpd closes a connection that does nothing at all; one
 * that sends or takes a byte now and then is closed here. One of a client that has too many, or
 * that comes when the server is nearly full, is marked, and its request is answered so; with TLS,
 * each gets the certificate of the moment. */
#ifndef ETS144_HTTP_SERVER_CLIENT_CONNECTION_H
#define ETS144_HTTP_SERVER_CLIENT_CONNECTION_H

#include "http/handle/metrics.h"
#include "http/message/client.h"
#include "http/server/connection_limit.h"
#include "http/server/tls.h"

#include <microhttpd.h>
#include <stddef.h>

struct client_connections;
struct client_connection;

struct client_connections_settings {
    /* In seconds. A request has `request` for all of it, and one more for each KiB of its body. */
    int idle;
    int request;
    int reply;
    int most_of_client; /* connections at once; 0: as many as it likes */
    int most;           /* of all clients */
    /* Borrowed. */
    struct metrics *metrics;
    const struct proxy_trust *trust; /* a proxy's connections are not those of one client */
    struct tls *tls;                 /* NULL: plain HTTP */
};

struct client_connections *
client_connections_open(const struct client_connections_settings *settings);
/* After the daemon was stopped; NULL is fine. */
void client_connections_close(struct client_connections *client_connections);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the client_connections as closure. */
void client_connections_notify(void *closure, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 client_connections_certificate;

struct client_connection *client_connection_of(struct MHD_Connection *connection);
/* Whether the connection came at a bad time. */
enum admission client_connection_admission(const struct client_connection *client_connection);
/* Its first line is there. libmicrohttpd does not tell the end of a request that it gives up
 * itself: `abandon` is called with the request when the next one begins, or the connection ends,
 * unless the client_connection rests before. */
void client_connection_request_started(struct client_connection *client_connection, void *request,
                                       void (*abandon)(void *request));
/* A piece of its body is there. */
void client_connection_body_received(struct client_connection *client_connection, size_t bytes);
/* All of it is there; the reply is next. */
void client_connection_response_started(struct client_connection *client_connection);
/* The reply has left, or nobody takes it any more. */
void client_connection_idle(struct client_connection *client_connection);

#endif
