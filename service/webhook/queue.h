/* The queue of deliveries: the database says what is to be sent, and is told what came of it. Which
 * replica sends what, in which order, when again and how often is the database's to decide. */
#ifndef ETS144_WEBHOOK_QUEUE_H
#define ETS144_WEBHOOK_QUEUE_H

#include "base/memory.h"
#include "store/pool.h"
#include "webhook/transfer.h"

#include <jansson.h>
#include <stdbool.h>

struct queue {
    struct pool *store;
    /* An entry of the feed as everyone reads it: a row of the statement `changes`. */
    json_t *(*render_change)(struct arena *arena, const struct rows *rows, int row);
    int lease;       /* milliseconds after which another replica may send again */
    int first_pause; /* milliseconds after the first failure; after each further one it is longer */
    long patience;   /* seconds over which one change is tried */
};

/* Takes some deliveries, for which there is room, and begins them; true: there may be more to take.
 * Not all at once: other replicas take theirs meanwhile, and those begun move on. */
bool queue_claim(const struct queue *queue, struct transfers *transfers);
/* Says what came of one. False: the database could not be told, or may not have heard. */
bool queue_finish_attempt(const struct queue *queue, const struct transfer_result *result);
/* Leaves what has not ended to other replicas, at once. */
void queue_release(const struct queue *queue, const struct transfers *transfers);

#endif
