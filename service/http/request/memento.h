/* Knowledge time in headers (Memento, RFC 7089): Accept-Datetime is equivalent to the parameter
 * known_at, and the response for a past time carries Memento-Datetime. Each resource is its own
 * TimeGate. */
#ifndef ETS144_HTTP_REQUEST_MEMENTO_H
#define ETS144_HTTP_REQUEST_MEMENTO_H

#include "http/message/exchange.h"

#include <stdbool.h>
#include <time.h>

/* Sets exchange->asked.known_at from the parameter or, if the route takes it and it is not given,
 * from the header. False: the header is malformed, and the response is 400. To be called after
 * parameters_read. */
bool memento_take(struct exchange *exchange);

/* Whether the state of knowledge at a time (seconds since 1970) is final: transactions that were
 * under way then have ended. */
bool memento_is_over(time_t moment);
/* Whether the time is in the future, beyond the tolerated difference of clocks. */
bool memento_is_to_come(time_t moment);

/* Adds Memento-Datetime, the links and Cache-Control, if a knowledge time was requested. */
void memento_reply(struct exchange *exchange);

#endif
