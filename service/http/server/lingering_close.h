/* Closes connections after a response that was sent before the request was read: a socket that is
 * closed with bytes unread resets the connection, and the client, which still sends, may lose the
 * response (RFC 9112 §9.6). So what it sends is dropped for some time, up to a number of bytes, by
 * a thread here, until the client has closed its side. */
#ifndef ETS144_HTTP_SERVER_LINGERING_CLOSE_H
#define ETS144_HTTP_SERVER_LINGERING_CLOSE_H

#include "base/address.h"
#include "http/server/connection_limit.h"

#include <stdbool.h>

struct lingering_close;

/* limit: borrowed; a connection that lingers still counts in it. */
struct lingering_close *lingering_close_start(struct connection_limit *limit);
/* Closes all of them. */
void lingering_close_stop(struct lingering_close *lingering);
/* Keeps the connection of a socket open, by a descriptor of its own, and takes over its place in
 * the limit; the caller closes the socket. client: its network, of which a share may linger; NULL:
 * a trusted proxy. False: too many linger, and the caller keeps the place. */
bool lingering_close_add(struct lingering_close *lingering, int socket,
                         const struct address *client);

#endif
