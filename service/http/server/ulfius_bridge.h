/* A request as Ulfius keeps it, with what Ulfius leaves out: who is on the other side of the
 * connection. Its copy of that address is cut to the length of an IPv4 one. */
#ifndef ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H
#define ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H

#include "base/address.h"
#include "http/message/client.h"
#include "http/server/connection_limit.h"

#include <microhttpd.h>
#include <ulfius.h>

struct received {
    struct _u_request ulfius; /* first: Ulfius hands on a pointer to it */
    struct arrival arrival;   /* but for its headers, which Ulfius has */
    enum admission admission;
    bool unframed; /* nobody can tell where it ends (intake.h) */
};

/* What Ulfius is to keep of a request of which the first line was read: instead of
 * ulfius_uri_logger. NULL: it refused. */
void *received_begin(const char *address, struct MHD_Connection *connection,
                     enum admission admission);
/* Says of what Ulfius keeps that there is no room for its body. */
void received_crowded(void *kept);
/* Says of it that nobody can tell where it ends. */
void received_unframed(void *kept);
/* Who sent it, as far as is to be believed. */
struct client received_client(const struct received *received, const struct proxy_trust *trust);
/* The same of a request that Ulfius does not have yet. */
struct client received_from(struct MHD_Connection *connection, const struct proxy_trust *trust);

#endif
