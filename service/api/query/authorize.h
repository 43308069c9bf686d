/* Authorization (RFC 6750): the caller by the token, of the register or of the identity provider,
 * and whether the route's scope is granted. */
#ifndef ETS144_API_QUERY_AUTHORIZE_H
#define ETS144_API_QUERY_AUTHORIZE_H

#include "http/message/exchange.h"

#include <stdbool.h>

/* Sets exchange->caller from the token; false: 401, 403 or 503 is the response. A route without a
 * scope needs no token, but a token that is sent must be valid. caller.sees_internal: the token has
 * a scope that reveals the secretariat's internal content. */
bool authorize(struct exchange *exchange);
/* Whether the caller's token has the scope. */
bool authorize_grants(const struct exchange *exchange, const char *scope);
/* The scope that reveals internal content of a type of record; NULL: the type has none. */
const char *authorize_scope_for_internal(const char *type);
/* The caller sees internal content of the type from now on: of what it wrote. */
void authorize_reveal(struct exchange *exchange, const char *type);
/* The token is unknown, revoked or expired: 401 is the response. */
void authorize_refuse_token(struct exchange *exchange);
/* The token lacks the scope: 403 is the response. */
void authorize_refuse_scope(struct exchange *exchange, const char *scope);

#endif
