/* Connections: how many there are, in all and of each client. The acceptor refuses those beyond the
 * server's limit; of those it accepts, the ones over a client's limit, or near the server's, are
 * marked, and their requests are refused. Bounded by the connections that there are. Safe for
 * threads. */
#ifndef ETS144_HTTP_SERVER_CONNECTION_LIMIT_H
#define ETS144_HTTP_SERVER_CONNECTION_LIMIT_H

#include "base/address.h"
#include "http/message/admission.h"

#include <stdbool.h>

struct connection_limit;

/* per_client 0: a client may have any number. */
struct connection_limit *connection_limit_open(int per_client, int max_connections);
void connection_limit_close(struct connection_limit *limit);

/* The acceptor's: one connection more of all; false: there are as many as there may be. It counts
 * until connection_limit_unreserve. */
bool connection_limit_reserve(struct connection_limit *limit);
void connection_limit_unreserve(struct connection_limit *limit);

/* A reserved connection began; it counts for its client until connection_limit_release is called
 * with the same client. NULL: it counts for none, as that of a proxy does. */
enum admission connection_limit_acquire(struct connection_limit *limit,
                                        const struct address *client);
void connection_limit_release(struct connection_limit *limit, const struct address *client);

#endif
