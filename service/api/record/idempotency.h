/* Idempotency-Key: what was asked for once is done once, whoever repeats the request within a day.
 * The key is the caller's own, and belongs to the body it was sent with. */
#ifndef ETS144_API_RECORD_IDEMPOTENCY_H
#define ETS144_API_RECORD_IDEMPOTENCY_H

#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* Sets the values `key` and `digest` if a key was sent; false: a problem is the reply. */
bool idempotency_take(struct exchange *exchange);

/* What became of the key, in this transaction: new, also if there is none; or answered before, and
 * the values reference, known_at, as_of, revision_before and revision say with what. Otherwise a
 * problem is the reply. */
enum claim { CLAIM_NEW, CLAIM_REPLAY, CLAIM_REFUSED };
enum claim idempotency_claim(struct exchange *exchange, struct session *session);
/* The same by the row of a statement that claimed the key. */
enum claim idempotency_outcome(struct exchange *exchange, const struct rows *rows);
/* Notes what came of it, by the values reference, revision_before and revision; false: a problem is
 * the reply. */
bool idempotency_store_result(struct exchange *exchange, struct session *session);

#endif
