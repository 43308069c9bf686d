/* The limit: how many connections each client has open. A client that has too many is answered so
 * on the next ones, and those beyond twice as many are closed at once; when the server itself is
 * nearly full, every new one is told. Bounded by the connections that there are. Safe for threads.
 */
#ifndef ETS144_HTTP_SERVER_CONNECTION_LIMIT_H
#define ETS144_HTTP_SERVER_CONNECTION_LIMIT_H

#include "base/address.h"

struct connection_limit;

enum admission {
    ADMISSION_GRANTED,
    ADMISSION_CLIENT_FULL, /* the client has more than it may have */
    ADMISSION_SERVER_FULL, /* the server has nearly as many as it can hold */
    ADMISSION_DROP         /* not even worth an answer */
};

/* per_client 0: as many as it likes. */
struct connection_limit *connection_limit_open(int per_client, int most);
void connection_limit_close(struct connection_limit *limit);

/* A connection began; it counts until connection_limit_release is called with the same client.
 * NULL: it counts for the server alone, as that of a proxy does. */
enum admission connection_limit_acquire(struct connection_limit *limit,
                                        const struct address *client);
void connection_limit_release(struct connection_limit *limit, const struct address *client);

#endif
