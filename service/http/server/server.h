/* The server: Ulfius on libmicrohttpd in epoll mode, with a pool of connection threads and a pool
 * of handler threads. Each request becomes an exchange that is checked against the route table,
 * answered by its handler and logged in one line. */
#ifndef ETS144_HTTP_SERVER_SERVER_H
#define ETS144_HTTP_SERVER_SERVER_H

#include "http/message/application.h"

struct tls;

struct server_settings {
    const char *address;  /* IPv4 or IPv6 */
    int port;             /* 0: any free one */
    int threads;          /* that serve connections, and never wait */
    int handler_threads;  /* that run handlers, and wait for the database */
    int connection_limit; /* 0: as many as the limit of open files allows */
    int idle_timeout_seconds;
    int request_timeout_seconds;
    int response_timeout_seconds;
    int client_connections; /* of one client at once; 0: any number */
    int other_files;        /* descriptors that are needed beside those of clients */
    struct tls *tls;        /* borrowed; NULL: plain HTTP */
};

struct server;

/* NULL: it could not listen; a sentence is on stderr. */
struct server *server_start(const struct server_settings *settings,
                            const struct application *application);
int server_port(const struct server *server);
/* Goes on, but each response closes its connection, so that clients connect elsewhere. */
void server_drain(struct server *server);
/* Accepts no new connection, lets running requests end for at most so many seconds, and stops.
 * NULL is fine. */
void server_stop(struct server *server, int grace_seconds);

#endif
