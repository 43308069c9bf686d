/* Client connections: their deadlines, and their count in the connection limits.
 *
 * libmicrohttpd closes idle connections. A client that sends or reads a byte now and then is never
 * idle, so each request and each response has a deadline, and a thread here, the reaper, shuts down
 * connections that are past theirs. */
#ifndef ETS144_HTTP_SERVER_CLIENT_CONNECTION_H
#define ETS144_HTTP_SERVER_CLIENT_CONNECTION_H

#include "http/handle/metrics.h"
#include "http/message/client.h"
#include "http/server/connection_limit.h"
#include "http/server/request_reader.h"
#include "http/server/tls.h"

#include <microhttpd.h>
#include <stddef.h>

struct client_connections; /* all connections of a server */
struct client_connection;

struct client_connections_settings {
    int idle_seconds;
    int request_seconds; /* for a whole request, plus one for each KiB of its body */
    int response_seconds;
    /* Borrowed. */
    struct connection_limit *limit;
    struct metrics *metrics;
    const struct proxy_trust *trust; /* a trusted proxy's connections count for no client */
    struct tls *tls;                 /* NULL: plain HTTP */
};

struct client_connections *
client_connections_open(const struct client_connections_settings *settings);
/* To be called after the daemon was stopped. NULL is fine. */
void client_connections_close(struct client_connections *all);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the client connections as closure. */
void client_connections_notify(void *closure, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 client_connections_certificate;

struct client_connection *client_connection_of(struct MHD_Connection *connection);
/* Whether the connection was within the limits when it was accepted. */
enum admission client_connection_admission(const struct client_connection *client);

/* What the client sends is read by it (received_bytes.h), which reports each time that it read: a
 * TLS handshake has ended, and a request may have begun. */
struct request_reader *client_connection_reader(struct client_connection *client);
void client_connection_received(struct client_connection *client);
/* NULL: plain HTTP. */
bool client_connection_has_session(const struct client_connection *client,
                                   gnutls_session_t session);

/* The head was read. libmicrohttpd does not report requests that it aborts. So
 * abandon(request) is called when the next request begins or the connection closes, unless
 * client_connection_idle() was called first. */
void client_connection_request_started(struct client_connection *client, void *request,
                                       void (*abandon)(void *request));
void client_connection_body_received(struct client_connection *client, size_t bytes);
/* The whole request was read. */
void client_connection_response_started(struct client_connection *client);
/* The response is sent before the end of the request, and the connection closes after it, with time
 * for the client to read it (lingering_close.h). */
void client_connection_answered_early(struct client_connection *client);
/* The response was sent, or could not be. */
void client_connection_idle(struct client_connection *client);

#endif
