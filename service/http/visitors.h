/* Visitors: client connections as they come and go, and how long each may take: to be silent, to
 * send a request, to take a reply. libmicrohttpd closes a connection that does nothing at all; one
 * that sends or takes a byte now and then is closed here. One of a client that has too many, or
 * that comes when the server is nearly full, is marked, and its request is answered so; with TLS,
 * each gets the certificate of the moment. */
#ifndef ETS144_HTTP_VISITORS_H
#define ETS144_HTTP_VISITORS_H

#include "http/client.h"
#include "http/crowd.h"
#include "http/metrics.h"
#include "http/tls.h"

#include <microhttpd.h>
#include <stddef.h>

struct visitors;
struct visitor;

struct visitors_settings {
    /* In seconds. A request has `request` for all of it, and one more for each KiB of its body. */
    int idle;
    int request;
    int reply;
    int most_of_client; /* connections at once; 0: as many as it likes */
    int most;           /* of all clients */
    /* Borrowed. */
    struct metrics *metrics;
    const struct trust *trust; /* a proxy's connections are not those of one client */
    struct tls *tls;           /* NULL: plain HTTP */
};

struct visitors *visitors_open(const struct visitors_settings *settings);
/* After the daemon was stopped; NULL is fine. */
void visitors_close(struct visitors *visitors);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the visitors as closure. */
void visitors_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode what);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 visitors_present_certificate;

struct visitor *visitor_of(struct MHD_Connection *connection);
/* Whether the connection came at a bad time. */
enum crowding visitor_crowding(const struct visitor *visitor);
/* Its first line is there. libmicrohttpd does not tell the end of a request that it gives up
 * itself: `forget` is called with the request when the next one begins, or the connection ends,
 * unless the visitor rests before. */
void visitor_request_begins(struct visitor *visitor, void *request, void (*forget)(void *request));
/* A piece of its body is there. */
void visitor_request_grows(struct visitor *visitor, size_t bytes);
/* All of it is there; the reply is next. */
void visitor_reply_begins(struct visitor *visitor);
/* The reply has left, or nobody takes it any more. */
void visitor_rests(struct visitor *visitor);

#endif
