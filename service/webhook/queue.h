/* The queue of deliveries, which is in the database: claims deliveries that are due, and reports
 * the outcome of each attempt. The database decides which replica sends what, in which order, and
 * when to retry or give up (sql/deploy/deliveries.sql). */
#ifndef ETS144_WEBHOOK_QUEUE_H
#define ETS144_WEBHOOK_QUEUE_H

#include "base/memory.h"
#include "render/row.h"
#include "store/pool.h"
#include "webhook/transfer.h"

#include <stdbool.h>

struct queue {
    struct pool *pool;
    /* Writes a row of the statement `changes` as the feed does. */
    void (*write_change)(struct arena *arena, const struct row_plan *plan, int row,
                         struct buffer *buffer);
    int lease_ms;           /* after which another replica may send the delivery again */
    int backoff_ms;         /* after the first failure; longer after each further one */
    long retry_for_seconds; /* after which a delivery becomes a dead letter */
};

/* Claims deliveries, at most eight so that other replicas get some, too, and begins their
 * transfers. True: there may be more. */
bool queue_claim(const struct queue *queue, struct transfers *transfers);
/* Reports the outcome of an attempt. False: the database did not confirm it; report it again. */
bool queue_finish_attempt(const struct queue *queue, const struct transfer_result *result);
/* Gives up the leases of all transfers that are left, so that other replicas may send at once. */
void queue_release(const struct queue *queue, const struct transfers *transfers);

#endif
