/* The dispatcher: one thread that delivers what webhooks are to be told, with a database session of
 * its own. Any number of replicas may have one.
 *
 * It is woken by the listener and sends many at once, so that a receiver that does not answer holds
 * up nobody else; the database gives it one delivery of each webhook at a time. */
#ifndef ETS144_WEBHOOK_DISPATCHER_H
#define ETS144_WEBHOOK_DISPATCHER_H

#include "store/revisions.h"
#include "webhook/queue.h"

struct dispatcher_settings {
    const char *database_url;
    int statement_timeout_ms; /* milliseconds */
    struct transfer_settings transfers;
    int first_pause; /* as the queue has them */
    long patience;
    json_t *(*render_change)(struct arena *arena, const struct rows *rows, int row);
};

struct dispatcher;

/* The listener and the strings of the settings are borrowed until dispatcher_stop. */
struct dispatcher *dispatcher_start(const struct dispatcher_settings *settings,
                                    struct revisions *listener);
/* Begins no further delivery, and lets those under way end for at most so many seconds. Does not
 * wait; NULL is fine. */
void dispatcher_finish(struct dispatcher *dispatcher, int grace_seconds);
/* Waits for that, leaves to other replicas what has not ended, and is gone; NULL is fine. */
void dispatcher_stop(struct dispatcher *dispatcher);

#endif
