/* What proxies say of whom they pass on: Forwarded (RFC 7239), or X-Forwarded-For and -Proto. Each
 * proxy adds a hop at the right; what stands left of a proxy that is not trusted is hearsay. */
#ifndef ETS144_HTTP_MESSAGE_FORWARDED_H
#define ETS144_HTTP_MESSAGE_FORWARDED_H

#include "base/address.h"

struct hop {
    struct address address; /* of whoever asked the proxy */
    bool known;             /* false: hidden, unknown, or not an address */
    bool secure;            /* they spoke TLS */
};

/* More hops than that are read as if those at the left were not there. */
enum { MAX_HOPS = 16 };

struct hops {
    struct hop rows[MAX_HOPS]; /* the last one is that of the nearest proxy */
    int count;
};

/* NULL: the header was not sent. */
struct hops forwarded_read(const char *forwarded);
struct hops forwarded_read_separate(const char *forwarded_for, const char *forwarded_proto);

#endif
