/* The server: Ulfius on libmicrohttpd in epoll mode with a pool of threads.
 * Each request becomes an exchange, is checked against the route table, answered by its handler
 * and logged in one line. */
#ifndef ETS144_HTTP_SERVER_H
#define ETS144_HTTP_SERVER_H

#include "http/route.h"

struct server_settings {
    const char *address; /* IPv4 or IPv6 */
    int port;            /* 0: any free one */
    int threads;
    int connection_limit; /* 0: as many as the limit of open files allows */
    int idle_timeout;     /* seconds (visitors.h) */
    int request_timeout;
    int reply_timeout;
    long max_body_bytes;
    size_t ready_replies; /* made ready at most (ready.h), and their bytes */
    size_t ready_bytes;
    int client_connections; /* of one client at once; 0: as many as it likes */
    int other_files;        /* descriptors that are needed beside those of clients */
    struct tls *tls;        /* borrowed; NULL: plain HTTP */
};

struct kept;
struct metrics;
struct tls;

struct application {
    const struct route *routes;
    void *shared; /* exchange->application */
    /* Who is calling, and may they? Called for routes with a scope, before anything is parsed of
     * the body; false: a problem document is the reply. */
    bool (*authorize)(struct exchange *exchange);
    /* Kept answers, and how old one may be that is served while the database is away (seconds). */
    struct kept *kept;
    long stale_limit;
    struct metrics *metrics;
    long max_file_bytes;     /* the longest body where a route takes a file */
    const char *licence;     /* of the data, a URI; "": none is named */
    const char *page_policy; /* Content-Security-Policy of pages that name none themselves */
    struct trust trust;      /* which proxies are believed */
    struct quota *quota;     /* NULL: there is none */
    /* The newest revision known, -1 if nobody can know; and news of one. Both get `shared`. */
    long long (*newest_revision)(void *shared);
    void (*saw_revision)(void *shared, long long revision);
    /* Waits for a revision above one, for so many milliseconds; the newest known then. */
    long long (*await_revision)(void *shared, long long revision, int milliseconds);
    /* The revision that the answer to this address is of, if it can be waited for that a newer one
     * has more to say; -1: it cannot. */
    long long (*stands_at)(const char *address);
};

struct server;

/* NULL: it could not listen; a sentence is on stderr. */
struct server *server_start(const struct server_settings *settings,
                            const struct application *application);
int server_port(const struct server *server);
/* Goes on, but each answer closes its connection, so that clients come again elsewhere. */
void server_leave(struct server *server);
/* Takes no new connection, lets running requests end for at most so many seconds, and stops. */
void server_stop(struct server *server, int grace_seconds);

#endif
