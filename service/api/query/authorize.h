/* Who is calling, and may they do what the route asks? */
#ifndef ETS144_API_QUERY_AUTHORIZE_H
#define ETS144_API_QUERY_AUTHORIZE_H

#include "http/message/exchange.h"

#include <stdbool.h>

/* Sets exchange->caller to the token's name; false: 401, 403 or 503 is the reply (RFC 6750). On a
 * route without a scope no token is needed; one that is sent must be good all the same. Sets the
 * value `internal` if the token has the scope that reveals what only the secretariat may see. */
bool authorize(struct exchange *exchange);
/* The token is unknown, revoked or expired: 401 is the reply. */
void authorize_refuse_token(struct exchange *exchange);
/* The token lacks the scope: 403 is the reply. */
void authorize_refuse_scope(struct exchange *exchange, const char *scope);

#endif
