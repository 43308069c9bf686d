/* The server: Ulfius on libmicrohttpd in epoll mode, with connection threads and handler threads
 * (README.md in service/http). */
#ifndef ETS144_HTTP_SERVER_SERVER_H
#define ETS144_HTTP_SERVER_SERVER_H

#include "http/message/application.h"

struct tls;

struct server_settings {
    const char *address;  /* IPv4 or IPv6 */
    int port;             /* 0: any free port */
    int threads;          /* connection threads, which never wait */
    int handler_threads;  /* which wait for the database */
    int connection_limit; /* 0: as many as the limit of open files allows */
    int idle_timeout_seconds;
    int request_timeout_seconds;
    int response_timeout_seconds;
    int client_connections; /* of one client at once; 0: no limit */
    int other_files;        /* descriptors that are needed beside those of connections */
    struct tls *tls;        /* borrowed; NULL: plain HTTP */
};

struct server;

/* NULL: it could not listen or start, and a message is on stderr. The application is copied. */
struct server *server_start(const struct server_settings *settings,
                            const struct application *application);
int server_port(const struct server *server);
/* Keeps serving, but each response closes its connection, so that clients connect elsewhere. */
void server_drain(struct server *server);
/* Accepts no new connections, waits at most so many seconds for running requests, and stops. NULL
 * is fine. */
void server_stop(struct server *server, int grace_seconds);

#endif
