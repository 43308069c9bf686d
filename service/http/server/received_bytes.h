/* The bytes that libmicrohttpd receives: all code that relies on how it reads.
 *
 * libmicrohttpd has no hook between the socket and its parser. It reads with recv(), and over TLS
 * with gnutls_record_recv(), through the dynamic linker, which finds the functions of these names
 * in this program first (as MHD_start_daemon, ulfius_bridge.h). For the socket of a client they
 * read with its request reader; for any other (libpq's, libcurl's) they do what the originals do.
 */
#ifndef ETS144_HTTP_SERVER_RECEIVED_BYTES_H
#define ETS144_HTTP_SERVER_RECEIVED_BYTES_H

#include <stdbool.h>

struct client_connection;

/* From now on what is received on the socket is read by the client's reader. False: the socket's
 * number is too large. */
bool received_bytes_attach(int socket, struct client_connection *client);
/* Before the socket is closed. */
void received_bytes_detach(int socket);

#endif
