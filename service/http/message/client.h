/* The client of a request: the peer of the connection or, behind trusted proxies, the address that
 * they forward. */
#ifndef ETS144_HTTP_MESSAGE_CLIENT_H
#define ETS144_HTTP_MESSAGE_CLIENT_H

#include "base/address.h"

#include <stdbool.h>

/* The connection's peer, and the headers of proxies. */
struct arrival {
    struct address peer; /* the other end of the connection */
    bool peer_known;     /* false: it has no IP address */
    bool encrypted;      /* the connection itself is TLS */
    /* Headers, repeated ones joined by commas; NULL: not sent. */
    const char *forwarded;
    const char *forwarded_for;
    const char *forwarded_proto;
};

struct client {
    struct address address;
    bool known;  /* false: no address, as for the service's own requests */
    bool secure; /* it uses TLS, as far as the proxies are trusted */
    bool direct; /* false: an untrusted proxy forwarded it, or a proxy hid its address */
};

enum proxy_header { PROXY_HEADER_X_FORWARDED, PROXY_HEADER_FORWARDED };

/* The trusted proxies and the header that they write. The other header is never read for an
 * address: a proxy that does not write it may pass on the client's. */
struct proxy_trust {
    struct address_ranges proxies;
    enum proxy_header header;
};

struct client client_find(const struct arrival *arrival, const struct proxy_trust *trust);

/* Whether the client is on this machine, with no untrusted proxy in between. */
bool client_is_local(const struct client *client);

#endif
