/* Who is calling, and may they do what the route asks? */
#ifndef ETS144_API_AUTHORIZE_H
#define ETS144_API_AUTHORIZE_H

#include "http/exchange.h"

#include <stdbool.h>

/* Sets exchange->caller to the token's name; false: 401, 403 or 503 is the reply (RFC 6750). */
bool authorize(struct exchange *exchange);

#endif
