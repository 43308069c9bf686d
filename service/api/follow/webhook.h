/* Shared by the handlers of a webhook (webhooks.c, webhook_deliveries.c). */
#ifndef ETS144_API_FOLLOW_WEBHOOK_H
#define ETS144_API_FOLLOW_WEBHOOK_H

#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* Sets the value `reference` from the path's {id}; false: not a UUID, and 404 is the response. */
bool webhook_take_id(struct exchange *exchange);
/* The webhook without its secrets, a new reference. NULL: it does not exist for this caller, or the
 * database is unavailable; a problem is the response. */
json_t *webhook_read(struct exchange *exchange, struct session *session);
/* Calls work() in a transaction, and commits if it returns true. If it returns false, it has set a
 * problem as the response, and the transaction is rolled back. */
void webhook_write(struct exchange *exchange,
                   bool (*work)(struct exchange *exchange, struct session *session));

#endif
