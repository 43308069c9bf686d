/* The acceptor: a thread that listens and passes connections to libmicrohttpd's threads, evenly:
 * libmicrohttpd takes for each the thread that its descriptor's number falls on. Its own threads
 * would accept all that are waiting, and some would have many while others have none.
 *
 * Connections beyond the limit are closed here. libmicrohttpd 0.9.75 leaves a mutex locked when its
 * own limit is reached (mended in 1.0.0), so that limit must never be. */
#ifndef ETS144_HTTP_SERVER_ACCEPTOR_H
#define ETS144_HTTP_SERVER_ACCEPTOR_H

struct MHD_Daemon;
struct acceptor;
struct connection_limit;

/* Listens on an IPv4 or IPv6 address and a port (0: any free one); NULL: a sentence is on stderr.
 */
struct acceptor *acceptor_open(const char *address, int port);
int acceptor_port(const struct acceptor *acceptor);
/* Starts to accept connections within the limit, for a daemon that has no listening socket. */
void acceptor_start(struct acceptor *acceptor, struct MHD_Daemon *daemon,
                    struct connection_limit *limit);
/* Accepts what has connected already, and nothing more. NULL is fine. */
void acceptor_close(struct acceptor *acceptor);

#endif
