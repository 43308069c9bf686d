#include "webhook/dispatcher.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Bounds of the interval between two claims without a notification: leases expire and backoffs end
 * without one. The interval is half of the backoff within these. */
enum { MIN_POLL_MS = 50, MAX_POLL_MS = 1000 };

struct dispatcher {
    struct queue queue;
    struct transfers *transfers;
    struct revisions *revisions;
    int poll_ms;
    int wake_fd; /* eventfd: a notification, or dispatcher_finish() */
    pthread_t thread;
    atomic_llong deadline; /* clock_milliseconds, of the transfers under way; LLONG_MAX: it is not
                            * finishing */
};

static bool is_finishing(const struct dispatcher *dispatcher)
{
    return atomic_load(&dispatcher->deadline) != LLONG_MAX;
}

static bool goes_on(const struct dispatcher *dispatcher)
{
    return !is_finishing(dispatcher) || (transfers_count(dispatcher->transfers) > 0 &&
                                         clock_milliseconds() < atomic_load(&dispatcher->deadline));
}

/* Reports finished attempts to the database. True: at least one, and all of them. */
static bool report(const struct dispatcher *dispatcher)
{
    bool reported = false;
    for (const struct transfer_result *result;
         (result = transfers_ended(dispatcher->transfers)) != NULL;) {
        if (!queue_finish_attempt(&dispatcher->queue, result)) {
            return false;
        }
        transfers_release(dispatcher->transfers, result);
        reported = true;
    }
    return reported;
}

/* Clears the eventfd; true: it had been written to. */
static bool was_woken(const struct dispatcher *dispatcher)
{
    eventfd_t count = 0;
    return eventfd_read(dispatcher->wake_fd, &count) == 0;
}

/* Begins deliveries that are due; true: there may be more. Not while the database does not answer.
 */
static bool claim(const struct dispatcher *dispatcher)
{
    return !is_finishing(dispatcher) && transfers_room(dispatcher->transfers) > 0 &&
           revisions_current(dispatcher->revisions) >= 0 &&
           queue_claim(&dispatcher->queue, dispatcher->transfers);
}

static void *dispatch_loop(void *argument)
{
    const struct dispatcher *dispatcher = argument;
    long long next_claim = 0;
    while (goes_on(dispatcher)) {
        if (clock_milliseconds() >= next_claim) {
            bool more = claim(dispatcher);
            next_claim = clock_milliseconds() + (more ? 0 : dispatcher->poll_ms);
        }
        long long left = next_claim - clock_milliseconds();
        transfers_poll(dispatcher->transfers, dispatcher->wake_fd, left > 0 ? (int)left : 0);
        /* Claim again at once: a webhook whose delivery has ended may have a next one. */
        bool woken = was_woken(dispatcher);
        if (report(dispatcher) || woken) {
            next_claim = 0;
        }
    }
    if (transfers_count(dispatcher->transfers) > 0) {
        queue_release(&dispatcher->queue, dispatcher->transfers);
    }
    return NULL;
}

static int poll_interval_ms(int backoff_ms)
{
    int half = backoff_ms / 2;
    if (half > MAX_POLL_MS) {
        return MAX_POLL_MS;
    }
    return half < MIN_POLL_MS ? MIN_POLL_MS : half;
}

struct dispatcher *dispatcher_start(const struct dispatcher_settings *settings,
                                    struct revisions *revisions)
{
    const struct database_settings database = {
        .name = "webhooks",
        .url = settings->database_url,
        .pool_size = 1,
        .checkout_timeout_ms = settings->statement_timeout_ms,
        .statement_timeout_ms = settings->statement_timeout_ms};
    struct dispatcher *dispatcher = memory_allocate(sizeof *dispatcher);
    dispatcher->queue = (struct queue){
        .pool = pool_open(&database),
        .write_change = settings->write_change,
        .lease_ms = 2 * settings->transfers.timeout_ms,
        .backoff_ms = settings->backoff_ms,
        .retry_for_seconds = settings->retry_for_seconds,
    };
    dispatcher->transfers = transfers_open(&settings->transfers);
    dispatcher->revisions = revisions;
    dispatcher->poll_ms = poll_interval_ms(settings->backoff_ms);
    atomic_store(&dispatcher->deadline, LLONG_MAX);
    dispatcher->wake_fd = thread_wake();
    thread_start(&dispatcher->thread, dispatch_loop, dispatcher);
    revisions_watch(revisions, dispatcher->wake_fd);
    return dispatcher;
}

void dispatcher_finish(struct dispatcher *dispatcher, int grace_seconds)
{
    if (dispatcher != NULL) {
        atomic_store(&dispatcher->deadline,
                     clock_milliseconds() + (long long)grace_seconds * MILLISECONDS_PER_SECOND);
        (void)eventfd_write(dispatcher->wake_fd, 1);
    }
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
    if (dispatcher == NULL) {
        return;
    }
    revisions_watch(dispatcher->revisions, -1);
    (void)pthread_join(dispatcher->thread, NULL);
    transfers_close(dispatcher->transfers);
    pool_close(dispatcher->queue.pool);
    (void)close(dispatcher->wake_fd);
    free(dispatcher);
}
