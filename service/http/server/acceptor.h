/* The acceptor: a thread that accepts connections and passes them to libmicrohttpd, which assigns
 * each to a connection thread by the number of its descriptor, and so evenly. If libmicrohttpd's
 * own threads accepted, the first to wake would take all connections that wait.
 *
 * Connections beyond the limit are closed here. libmicrohttpd 0.9.75 leaves a mutex locked when its
 * own limit is reached (fixed in 1.0.0), so that limit must never be reached. */
#ifndef ETS144_HTTP_SERVER_ACCEPTOR_H
#define ETS144_HTTP_SERVER_ACCEPTOR_H

struct MHD_Daemon;
struct acceptor;
struct connection_limit;

/* Listens on an IPv4 or IPv6 address and a port (0: any free port). NULL: it cannot, and a message
 * is on stderr. */
struct acceptor *acceptor_open(const char *address, int port);
int acceptor_port(const struct acceptor *acceptor);
/* Starts to accept connections within the limit, for a daemon without a listening socket. Both are
 * borrowed until acceptor_close. */
void acceptor_start(struct acceptor *acceptor, struct MHD_Daemon *daemon,
                    struct connection_limit *limit);
/* Accepts the connections that already wait, stops and frees. NULL is fine. */
void acceptor_close(struct acceptor *acceptor);

#endif
