/* The server: Ulfius on libmicrohttpd in epoll mode with a pool of threads.
 * Each request becomes an exchange, is checked against the route table, answered by its handler
 * and logged in one line. */
#ifndef ETS144_HTTP_SERVER_SERVER_H
#define ETS144_HTTP_SERVER_SERVER_H

#include <stddef.h>

struct server_settings {
    const char *address; /* IPv4 or IPv6 */
    int port;            /* 0: any free one */
    int threads;
    int connection_limit; /* 0: as many as the limit of open files allows */
    int idle_timeout;     /* seconds (client_connections.h) */
    int request_timeout;
    int response_timeout;
    long max_body_bytes;
    size_t ready_replies; /* made ready at most (ready.h), and their bytes */
    size_t ready_bytes;
    int client_connections; /* of one client at once; 0: as many as it likes */
    int other_files;        /* descriptors that are needed beside those of clients */
    struct tls *tls;        /* borrowed; NULL: plain HTTP */
};

struct application;
struct tls;
struct server;

/* NULL: it could not listen; a sentence is on stderr. */
struct server *server_start(const struct server_settings *settings,
                            const struct application *application);
int server_port(const struct server *server);
/* Goes on, but each answer closes its connection, so that clients come again elsewhere. */
void server_drain(struct server *server);
/* Takes no new connection, lets running requests end for at most so many seconds, and stops. */
void server_stop(struct server *server, int grace_seconds);

#endif
