/* Quotas: how many requests a client may send, by the generic cell rate algorithm: so many a second
 * for long, and so many at once after a quiet while. The table of clients has a fixed size; who was
 * quiet for longest makes room, and loses nothing by it. Safe for threads. */
#ifndef ETS144_HTTP_MESSAGE_RATE_LIMIT_H
#define ETS144_HTTP_MESSAGE_RATE_LIMIT_H

#include "base/address.h"

#include <stdbool.h>

struct rate_limit;

struct rate_limit_result {
    bool granted;
    long left;  /* requests that may still be sent at once */
    long reset; /* seconds until none of the rate_limit is used */
    long retry; /* seconds until the next request is granted; 0 if this one is */
};

/* rate: requests a second; burst: at once. NULL if the rate is 0: there is no rate_limit. */
struct rate_limit *rate_limit_open(long rate, long burst);
void rate_limit_close(struct rate_limit *rate_limit); /* NULL is fine */

/* Takes one request of the client's rate_limit at a moment (clock_microseconds). An IPv6 client is
 * its network of 64 bits: the rest of its address is its own to choose. */
struct rate_limit_result rate_limit_take(struct rate_limit *rate_limit,
                                         const struct address *client, long long now);

/* The policy: so many requests in so many seconds. */
long rate_limit_requests(const struct rate_limit *rate_limit);
long rate_limit_window(const struct rate_limit *rate_limit);

#endif
