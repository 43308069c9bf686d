/* Client connections, and how long each may take: to be silent, to send a request, to take a reply.
 * libmicrohttpd closes a connection that does nothing at all; one that sends or takes a byte now
 * and then is closed here. */
#ifndef ETS144_HTTP_CLIENTS_H
#define ETS144_HTTP_CLIENTS_H

#include <microhttpd.h>
#include <stddef.h>

struct clients;
struct client;

/* In seconds. A request has `request` for all of it, and a second more for each KiB of its body. */
struct clients_limits {
    int idle;
    int request;
    int reply;
};

struct clients *clients_open(const struct clients_limits *limits);
/* After the daemon was stopped; NULL is fine. */
void clients_close(struct clients *clients);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the clients as closure. */
void clients_notify(void *clients, struct MHD_Connection *connection, void **socket_context,
                    enum MHD_ConnectionNotificationCode what);

struct client *client_of(struct MHD_Connection *connection);
/* Its first line is there. */
void client_request_begins(struct client *client);
/* A piece of its body is there. */
void client_request_grows(struct client *client, size_t bytes);
/* All of it is there; the reply is next. */
void client_reply_begins(struct client *client);
/* The reply has left, or nobody takes it any more. */
void client_rests(struct client *client);

#endif
