/* Answering from cache answers: when one may stand for the handler's, and what it says of itself
 * (Cache-Status, RFC 9211; Age, RFC 9111). */
#ifndef ETS144_HTTP_CACHE_CACHE_CONTROL_H
#define ETS144_HTTP_CACHE_CACHE_CONTROL_H

#include "http/message/application.h"

/* Answers by the route's handler, or from what is cache: fresh, when no newer revision is known;
 * stale, and saying so, when the database cannot be asked and the limit is not passed. */
void cache_serve(struct exchange *exchange, const struct application *application);

/* The day of UTC, counted from 1970: what is asked without a day is asked for this one. */
long long clock_utc_day(void);

#endif
