/* Errors of the database → problem documents. */
#ifndef ETS144_API_QUERY_DATABASE_ERROR_H
#define ETS144_API_QUERY_DATABASE_ERROR_H

#include "http/message/exchange.h"
#include "store/pool.h"

/* The database cannot be asked: 503 with Retry-After. */
void database_error_unavailable(struct exchange *exchange);
/* The connection broke during a commit: whether the write was recorded is not known. */
void database_error_outcome_unknown(struct exchange *exchange);
/* The database refused the statement. A broken rule of the law (SQLSTATE class T4) becomes 422 with
 * the rule's own type, one entry of errors[] for each breach; so does a file with such rows
 * (T6001); the register's state (class T5) has a table. */
void database_error_refused(struct exchange *exchange, const struct store_fault *fault);

#endif
