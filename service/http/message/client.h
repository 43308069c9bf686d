/* Who is asking, and over what: as the connection has it, or as a proxy that is trusted says. */
#ifndef ETS144_HTTP_MESSAGE_CLIENT_H
#define ETS144_HTTP_MESSAGE_CLIENT_H

#include "base/address.h"

#include <stdbool.h>

/* What a request comes with of that. */
struct arrival {
    struct address peer; /* on the other side of the connection */
    bool peer_known;     /* false: it has no address of the internet protocol */
    bool encrypted;      /* the connection itself is TLS */
    /* Headers, repeated ones joined by commas; NULL: not sent. */
    const char *forwarded;
    const char *forwarded_for;
    const char *forwarded_proto;
};

struct client {
    struct address address;
    bool known;  /* false: there is no address, as for what the service asks itself */
    bool secure; /* it speaks TLS, as far as the way is known */
    bool direct; /* false: somebody passed it on who is not trusted, or hid it */
};

enum proxy_header { PROXY_HEADER_X_FORWARDED, PROXY_HEADER_FORWARDED };

/* Whom to believe, and in which header. The other is never looked at for an address: a proxy that
 * does not write it may pass on what a client wrote. */
struct proxy_trust {
    struct address_ranges proxies;
    enum proxy_header header;
};

struct client client_find(const struct arrival *arrival, const struct proxy_trust *trust);

/* It is on this machine, and nobody unknown stands between. */
bool client_is_local(const struct client *client);

#endif
