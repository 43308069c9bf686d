/* States read for many answers at once: one question to the database instead of one for each. */
#ifndef ETS144_API_READ_STATES_H
#define ETS144_API_READ_STATES_H

#include "http/message/exchange.h"

/* Where all States stand today, in one language; lives in an exchange's arena but for its rows. */
struct states_at_hand;

/* NULL: the database cannot be asked. The exchange has no parameters but its language. */
struct states_at_hand *states_take(struct exchange *exchange, enum language language);
void states_drop(struct states_at_hand *states); /* NULL is fine */

/* The code of the State at a place, from 0; NULL: there are no more. */
const char *states_code(const struct states_at_hand *states, int place);

#endif
