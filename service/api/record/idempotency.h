/* Idempotency-Key: a write that is repeated with the same key within a day is made only once. A key
 * belongs to a caller, and to the body that it was sent with. */
#ifndef ETS144_API_RECORD_IDEMPOTENCY_H
#define ETS144_API_RECORD_IDEMPOTENCY_H

#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* Sets the argument `key` and exchange->body_digest if a key was sent. False: the response is a
 * problem. */
bool idempotency_take(struct exchange *exchange);

/* What became of the claim. CLAIM_NEW: the key is new, or no key was sent. CLAIM_REPLAY: the write
 * was made before; the arguments reference and revision_before and the moment are set to its
 * result. CLAIM_REFUSED: the response is a problem; of the key, or of the token, which is looked up
 * again. */
enum claim { CLAIM_NEW, CLAIM_REPLAY, CLAIM_REFUSED };

/* Begins a request that changes something other than the register, in this transaction: whose it is
 * by its token, and its key. */
enum claim request_begin(struct exchange *exchange, struct session *session);
/* Does work in a transaction of its own, whose request it begins: `work` if the request is new,
 * `repeat` if it was made before with its key (NULL: it takes no key). Both respond; false: roll
 * back. */
void request_write(struct exchange *exchange,
                   bool (*work)(struct exchange *exchange, struct session *session),
                   bool (*repeat)(struct exchange *exchange, struct session *session));
/* The claim by the row of a statement that began a write. */
enum claim idempotency_outcome(struct exchange *exchange, const struct rows *rows);
/* Stores the result of the write for the key: the argument reference, and the revisions. False: the
 * response is a problem. */
bool idempotency_store_result(struct exchange *exchange, struct session *session);

#endif
