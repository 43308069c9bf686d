/* Serving from the response cache: when a cached response is used, fresh or stale, and what the
 * response says about it (Cache-Status, RFC 9211; Age, RFC 9111). */
#ifndef ETS144_HTTP_CACHE_CACHE_CONTROL_H
#define ETS144_HTTP_CACHE_CACHE_CONTROL_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stdbool.h>

/* Responds from the cache if it has a fresh response; false: it has none, and nothing was done.
 * Never waits. */
bool cache_lookup(struct exchange *exchange, const struct application *application);

/* What requests for the same response have in common (single_flight.h); NULL: the response is not
 * shared, or the head is not accepted. The text is in the exchange's arena. */
const char *cache_flight_key(const struct exchange *exchange);

/* Responds from the cache if it has a fresh response, else by the route's handler, whose response
 * it stores. Where the database cannot be asked it responds with a stale one, and says so, if that
 * is not older than the limit (stale-if-error, RFC 5861). */
void cache_serve(struct exchange *exchange, const struct application *application);

#endif
