/* Conditional reads (RFC 9110 §13.2.2): does the client have this answer already? */
#ifndef ETS144_HTTP_CONDITION_H
#define ETS144_HTTP_CONDITION_H

#include "http/exchange.h"

#include <stdbool.h>

/* By the reply's tag or, if the client sends none, by its time. */
bool condition_unchanged(const struct exchange *exchange);

#endif
