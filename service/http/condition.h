/* Conditional reads (RFC 9110 §13.2.2): does the client have this answer already? */
#ifndef ETS144_HTTP_CONDITION_H
#define ETS144_HTTP_CONDITION_H

#include "http/exchange.h"

#include <stdbool.h>
#include <time.h>

/* If-None-Match goes before If-Modified-Since; NULL: not sent. `modified` 0: not known. */
bool condition_met(const char *if_none_match, const char *if_modified_since, const char *tag,
                   time_t modified);
/* The same for an exchange and its reply: by the reply's tag or, if the client sends none, by its
 * time. */
bool condition_unchanged(const struct exchange *exchange);

#endif
