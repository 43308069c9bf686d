/* Knowledge time in headers (RFC 7089): Accept-Datetime asks for it as the parameter known_at does,
 * and an answer for a past moment says which. Each resource is its own time gate. */
#ifndef ETS144_HTTP_REQUEST_MEMENTO_H
#define ETS144_HTTP_REQUEST_MEMENTO_H

#include "http/message/exchange.h"

#include <stdbool.h>
#include <time.h>

/* Sets exchange->asked.known_at from the parameter or, if the route takes one and it is not given,
 * from the header. False: the header cannot be read, and 400 is the reply. Called when the
 * parameters are read. */
bool memento_take(struct exchange *exchange);

/* Whether no write can still change what was known at the moment: one that was under way then must
 * have ended. In seconds since 1970. */
bool memento_is_over(time_t moment);
/* Whether it is in the future, even if another's clock is a little ahead of this one. */
bool memento_is_to_come(time_t moment);

/* Adds Memento-Datetime, the links, and how long the answer is good, if a moment was asked for. */
void memento_reply(struct exchange *exchange);

#endif
