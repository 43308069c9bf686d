/* Client connections: their deadlines, and their part in the connection limits.
 *
 * libmicrohttpd closes a connection on which nothing happens. A connection that sends or takes a
 * byte now and then is closed here when its deadline passes: each request and each response has
 * one. */
#ifndef ETS144_HTTP_SERVER_CLIENT_CONNECTION_H
#define ETS144_HTTP_SERVER_CLIENT_CONNECTION_H

#include "http/handle/metrics.h"
#include "http/message/client.h"
#include "http/server/connection_limit.h"
#include "http/server/tls.h"

#include <microhttpd.h>
#include <stddef.h>

struct client_connections; /* all of a server */
struct client_connection;

struct client_connections_settings {
    int idle_seconds;
    int request_seconds; /* for a whole request, and one more for each KiB of its body */
    int response_seconds;
    /* Borrowed. */
    struct connection_limit *limit;
    struct metrics *metrics;
    const struct proxy_trust
        *trust;      /* connections of a trusted proxy have no client of their own */
    struct tls *tls; /* NULL: plain HTTP */
};

struct client_connections *
client_connections_open(const struct client_connections_settings *settings);
/* After the daemon was stopped; NULL is fine. */
void client_connections_close(struct client_connections *all);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the client connections as closure. */
void client_connections_notify(void *closure, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 client_connections_certificate;

struct client_connection *client_connection_of(struct MHD_Connection *connection);
/* Whether the connection was within the limits. */
enum admission client_connection_admission(const struct client_connection *client);

/* The request line was read. libmicrohttpd does not report requests that it aborts. So
 * abandon(request) is called when the next request begins or the connection closes, unless
 * client_connection_idle() was called first. */
void client_connection_request_started(struct client_connection *client, void *request,
                                       void (*abandon)(void *request));
void client_connection_body_received(struct client_connection *client, size_t bytes);
/* The request was read whole. */
void client_connection_response_started(struct client_connection *client);
/* The response was sent, or cannot be. */
void client_connection_idle(struct client_connection *client);

#endif
