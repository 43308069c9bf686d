/* Visitors: client connections, and how long each may take: to be silent, to send a request, to
 * take a reply. libmicrohttpd closes a connection that does nothing at all; one that sends or takes
 * a byte now and then is closed here. */
#ifndef ETS144_HTTP_VISITORS_H
#define ETS144_HTTP_VISITORS_H

#include <microhttpd.h>
#include <stddef.h>

struct visitors;
struct visitor;

/* In seconds. A request has `request` for all of it, and a second more for each KiB of its body. */
struct visitors_limits {
    int idle;
    int request;
    int reply;
};

/* The owner is for visitor_owner to answer; it is not looked into. */
struct visitors *visitors_open(const struct visitors_limits *limits, void *owner);
/* After the daemon was stopped; NULL is fine. */
void visitors_close(struct visitors *visitors);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the visitors as closure. */
void visitors_notify(void *visitors, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode what);

struct visitor *visitor_of(struct MHD_Connection *connection);
void *visitor_owner(const struct visitor *visitor);
/* Its first line is there. */
void visitor_request_begins(struct visitor *visitor);
/* A piece of its body is there. */
void visitor_request_grows(struct visitor *visitor, size_t bytes);
/* All of it is there; the reply is next. */
void visitor_reply_begins(struct visitor *visitor);
/* The reply has left, or nobody takes it any more. */
void visitor_rests(struct visitor *visitor);

#endif
