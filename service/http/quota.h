/* Quotas: how many requests a client may send, by the generic cell rate algorithm: so many a second
 * for long, and so many at once after a quiet while. The table of clients has a fixed size; who was
 * quiet for longest makes room, and loses nothing by it. Safe for threads. */
#ifndef ETS144_HTTP_QUOTA_H
#define ETS144_HTTP_QUOTA_H

#include "address.h"

#include <stdbool.h>

struct quota;

struct quota_turn {
    bool granted;
    long left;  /* requests that may still be sent at once */
    long reset; /* seconds until none of the quota is used */
    long retry; /* seconds until the next request is granted; 0 if this one is */
};

/* rate: requests a second; burst: at once. NULL if the rate is 0: there is no quota. */
struct quota *quota_open(long rate, long burst);
void quota_close(struct quota *quota); /* NULL is fine */

/* Takes one request of the client's quota at a moment (clock_microseconds). An IPv6 client is its
 * network of 64 bits: the rest of its address is its own to choose. */
struct quota_turn quota_take(struct quota *quota, const struct address *client, long long now);

/* The policy: so many requests in so many seconds. */
long quota_requests(const struct quota *quota);
long quota_window(const struct quota *quota);

#endif
