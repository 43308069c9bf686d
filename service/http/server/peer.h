/* The client of a connection: its address and whether it uses TLS, by the connection or by the
 * headers of a trusted proxy. (Ulfius truncates its copy of the address to the length of IPv4.) */
#ifndef ETS144_HTTP_SERVER_PEER_H
#define ETS144_HTTP_SERVER_PEER_H

#include "http/message/client.h"
#include "http/message/exchange.h"

#include <microhttpd.h>

/* The client of an exchange whose headers are set. */
struct client peer_client(struct MHD_Connection *connection, const struct exchange *exchange,
                          const struct proxy_trust *trust);
/* The client of a request without an exchange, for the log. */
struct client peer_logged(struct MHD_Connection *connection, const struct proxy_trust *trust);

/* Adds all headers of the connection's request to the exchange. */
void peer_add_headers(struct MHD_Connection *connection, struct exchange *exchange);

#endif
