/* What the handlers about one webhook have in common. */
#ifndef ETS144_API_FOLLOW_WEBHOOK_H
#define ETS144_API_FOLLOW_WEBHOOK_H

#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* Sets the value `reference` from the path's {id}; false: it is none, and 404 is the reply. */
bool webhook_take_id(struct exchange *exchange);
/* The webhook as it is read, without its secrets. NULL: there is none that this caller may see, or
 * the database cannot be asked; a problem is the reply. */
json_t *webhook_read(struct exchange *exchange, struct session *session);
/* Does the work in one transaction; false: a problem is the reply, and nothing is done. */
void webhook_write(struct exchange *exchange,
                   bool (*work)(struct exchange *exchange, struct session *session));

#endif
