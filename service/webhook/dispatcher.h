/* The dispatcher of webhooks: one thread with a database session of its own. Any number of replicas
 * may run one: the database leases each delivery to one of them.
 *
 * The LISTEN client wakes it. It sends many deliveries at once, so that a receiver that does not
 * answer delays no other; the database gives out one delivery of each webhook at a time. */
#ifndef ETS144_WEBHOOK_DISPATCHER_H
#define ETS144_WEBHOOK_DISPATCHER_H

#include "store/revisions.h"
#include "webhook/queue.h"

struct dispatcher_settings {
    const char *database_url; /* of a session, not of a pooler by transaction */
    int statement_timeout_ms;
    struct transfer_settings transfers;
    int backoff_ms; /* the next two as in struct queue */
    long retry_for_seconds;
    void (*write_change)(struct arena *arena, const struct row_plan *plan, int row,
                         struct buffer *buffer);
};

struct dispatcher;

/* The LISTEN client and the strings of the settings are borrowed until dispatcher_stop(). */
struct dispatcher *dispatcher_start(const struct dispatcher_settings *settings,
                                    struct revisions *revisions);
/* Begins no more deliveries, and lets those under way end for at most so many seconds. Does not
 * wait; NULL is fine. */
void dispatcher_finish(struct dispatcher *dispatcher, int grace_seconds);
/* Waits for that, releases unfinished deliveries to other replicas, and frees; NULL is fine. */
void dispatcher_stop(struct dispatcher *dispatcher);

#endif
