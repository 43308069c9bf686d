/* The moment of a response: its legal day, its knowledge time and its revision. The database
 * resolves it from what the client asks for. */
#ifndef ETS144_API_QUERY_MOMENT_H
#define ETS144_API_QUERY_MOMENT_H

#include "http/message/exchange.h"
#include "store/pool.h"

/* The day of a response without as_of. */
enum default_day { DAY_TODAY, DAY_ANY };

/* Resolves exchange->moment, which has what the client asked for. as_of is today by default.
 * known_at is now by default, and becomes the time of the newest revision then. False: a problem is
 * the response. */
bool resolve_moment(struct exchange *exchange, struct session *session);

/* Resolves the moment and runs the statements at it, each with the exchange's values. In one round
 * trip where the moment is the expected one, that of the newest revision that the replica knows.
 * False: a problem is the response; else the caller frees the rows of each item. */
bool run_all_at_moment(struct exchange *exchange, struct session *session, struct store_item *items,
                       int count, enum default_day day);
/* The same for one statement; NULL: a problem is the response. The caller frees the rows. */
struct rows *run_at_moment(struct exchange *exchange, struct session *session,
                           const struct statement *statement, enum default_day day);

/* Takes the moment from a row that has it, with this before each column's name. */
void take_moment(struct exchange *exchange, const struct rows *rows, const char *prefix);

#endif
