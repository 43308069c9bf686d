/* Answering from kept answers: when one may stand for the handler's, and what it says of itself
 * (Cache-Status, RFC 9211; Age, RFC 9111). */
#ifndef ETS144_HTTP_KEEPING_H
#define ETS144_HTTP_KEEPING_H

#include "http/server.h"

/* Answers by the route's handler, or from what is kept: fresh, when no newer revision is known;
 * stale, and saying so, when the database cannot be asked and the limit is not passed. */
void keeping_answer(struct exchange *exchange, const struct application *application);

/* The day of UTC, counted from 1970: what is asked without a day is asked for this one. */
long long keeping_day(void);

#endif
