/* The acceptor: where clients come in. It listens, and hands connections out to the server's
 * threads, evenly: libmicrohttpd takes for each the thread that its descriptor's number falls on.
 * They themselves would take in all who happen to be there, and some would have many while others
 * have none. */
#ifndef ETS144_HTTP_SERVER_ACCEPTOR_H
#define ETS144_HTTP_SERVER_ACCEPTOR_H

struct MHD_Daemon;
struct acceptor;

/* Listens on an IPv4 or IPv6 address and a port (0: any free one); NULL: a sentence is on stderr.
 */
struct acceptor *acceptor_open(const char *address, int port);
int acceptor_port(const struct acceptor *acceptor);
/* Starts to let clients in, to a daemon that has no listening socket. */
void acceptor_start(struct acceptor *acceptor, struct MHD_Daemon *daemon);
/* Lets in who has come already, and nobody else. NULL is fine. */
void acceptor_close(struct acceptor *acceptor);

#endif
