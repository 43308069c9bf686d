/* The rate limiter: requests of a client, by the generic cell rate algorithm (GCRA): a sustained
 * rate and a burst. The table of clients has a fixed size; the bucket that is refilled soonest is
 * reused for a new client. Safe for threads. */
#ifndef ETS144_HTTP_MESSAGE_RATE_LIMIT_H
#define ETS144_HTTP_MESSAGE_RATE_LIMIT_H

#include "base/address.h"

#include <stdbool.h>

struct rate_limit;

struct rate_limit_result {
    bool granted;
    long left;  /* requests that may still be sent at once */
    long reset; /* seconds until the whole burst is available again */
    long retry; /* seconds until the next request is granted; 0 if this was granted */
};

/* rate: requests a second; burst: requests at once. NULL if the rate is 0: there is no limit. */
struct rate_limit *rate_limit_open(long rate, long burst);
void rate_limit_close(struct rate_limit *rate_limit); /* NULL is fine */

/* Counts a request of the client at a time (clock_microseconds). IPv6 clients are counted by their
 * /64 network, within which a client may choose its address. */
struct rate_limit_result rate_limit_take(struct rate_limit *rate_limit,
                                         const struct address *client, long long now);

/* The policy: this many requests in this many seconds. */
long rate_limit_requests(const struct rate_limit *rate_limit);
long rate_limit_window(const struct rate_limit *rate_limit);

#endif
