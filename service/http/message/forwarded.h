/* The headers of proxies: Forwarded (RFC 7239), or X-Forwarded-For and -Proto. Each proxy adds a
 * hop at the right; hops to the left of an untrusted proxy may be forged. */
#ifndef ETS144_HTTP_MESSAGE_FORWARDED_H
#define ETS144_HTTP_MESSAGE_FORWARDED_H

#include "base/address.h"

struct hop {
    struct address address; /* of the proxy's client */
    bool known;             /* false: hidden, unknown, or not an address */
    bool secure;            /* the proxy's client used TLS */
};

/* Only the last hops are read, those of the nearest proxies. */
enum { MAX_HOPS = 16 };

struct hops {
    struct hop rows[MAX_HOPS]; /* the last is the nearest proxy's */
    int count;
};

/* NULL: the header was not sent. */
struct hops forwarded_read(const char *forwarded);
struct hops forwarded_read_separate(const char *forwarded_for, const char *forwarded_proto);

#endif
