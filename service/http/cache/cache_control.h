/* Cache policy: when a cached response is served, fresh or stale, and the headers that say so
 * (Cache-Status, RFC 9211; Age, RFC 9111). */
#ifndef ETS144_HTTP_CACHE_CACHE_CONTROL_H
#define ETS144_HTTP_CACHE_CACHE_CONTROL_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stdbool.h>

/* Responds from the cache. False: it has no fresh response, and the exchange is unchanged. Never
 * waits. */
bool cache_lookup(struct exchange *exchange, const struct application *application);

/* The key of the exchange's flight (single_flight.h), equal for requests of the same response;
 * NULL: the response is not cached, or the head is not accepted. The text is in the exchange's
 * arena. */
const char *cache_flight_key(const struct exchange *exchange);

/* Responds from the cache if it has a fresh response. Otherwise calls the route's handler and
 * stores its response. If the handler responds with 503, a stale response is served instead as long
 * as it is not older than stale_if_error (RFC 5861). */
void cache_serve(struct exchange *exchange, const struct application *application);

#endif
