/* How much of a request's body is read. It is decided when the headers are read: nothing of a
 * request that is refused already, so that no memory is taken for it. */
#ifndef ETS144_HTTP_SERVER_BODY_LIMIT_H
#define ETS144_HTTP_SERVER_BODY_LIMIT_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the end of the request is beyond doubt (RFC 9112 §6.3), and each header is what it looks
 * like. Otherwise a proxy on the way may read it differently and take what follows for a request.
 */
bool framing_is_unambiguous(struct MHD_Connection *connection);

/* Bytes: one more than the route takes, since a body that fills it is too long. A route without a
 * body takes what shows that there is one; a read nothing. */
size_t allowed_body_bytes(const struct exchange *exchange, const struct application *application);

#endif
