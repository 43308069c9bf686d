/* What the database answered instead of rows → a problem document. */
#ifndef ETS144_API_FAILURE_H
#define ETS144_API_FAILURE_H

#include "http/exchange.h"
#include "store/store.h"

/* The database cannot be asked: 503 with Retry-After. */
void failure_unavailable(struct exchange *exchange);
/* It went away during a commit: whether it recorded is not known. */
void failure_outcome_unknown(struct exchange *exchange);
/* It refused. A broken rule of the law (SQLSTATE class T4) becomes 422 with the rule's own type,
 * one entry of errors[] for each breach; so does a file with such rows (T6001); the register's
 * state (class T5) has a table. */
void failure_refused(struct exchange *exchange, const struct store_fault *fault);

#endif
