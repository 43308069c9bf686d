/* The connection limiter: counts connections, in all and by client. The acceptor closes connections
 * beyond the server's limit. Those over their client's limit, or near the server's, are accepted
 * but marked, and their requests are refused. Memory is bounded by the number of connections. Safe
 * for threads. */
#ifndef ETS144_HTTP_SERVER_CONNECTION_LIMIT_H
#define ETS144_HTTP_SERVER_CONNECTION_LIMIT_H

#include "base/address.h"
#include "http/message/admission.h"

#include <stdbool.h>

struct connection_limit;

/* per_client 0: no limit by client. */
struct connection_limit *connection_limit_open(int per_client, int max_connections);
void connection_limit_close(struct connection_limit *limit);

/* Called by the acceptor: counts a connection in all, until connection_limit_unreserve. False: the
 * server's limit is reached, and nothing was counted. */
bool connection_limit_reserve(struct connection_limit *limit);
void connection_limit_unreserve(struct connection_limit *limit);

/* Counts a reserved connection for its client, until connection_limit_release with the same client.
 * NULL: it counts for no client, as a trusted proxy's connection. */
enum admission connection_limit_acquire(struct connection_limit *limit,
                                        const struct address *client);
void connection_limit_release(struct connection_limit *limit, const struct address *client);

#endif
