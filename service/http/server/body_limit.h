/* The limit of a request's body, decided when the headers are read: a request that is refused by
 * its head takes no memory for its body. */
#ifndef ETS144_HTTP_SERVER_BODY_LIMIT_H
#define ETS144_HTTP_SERVER_BODY_LIMIT_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stddef.h>

/* The bytes to read: one more than the route allows, which shows that a body is too long. One byte
 * for a route without a body, to see that there is a body at all; 0 for GET. */
size_t allowed_body_bytes(const struct exchange *exchange, const struct application *application);

#endif
