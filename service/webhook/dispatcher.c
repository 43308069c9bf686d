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

/* How often the database is asked without any news, in milliseconds: leases run out, and pauses
 * end, without telling. No more often than a pause can be short. */
enum { MAX_POLL_MS = 1000, MIN_POLL_MS = 50 };

struct dispatcher {
    struct queue queue;
    struct transfers *transfers;
    struct revisions *listener;
    int look;
    int wake; /* eventfd: news, or the end */
    pthread_t thread;
    atomic_llong end; /* when it stops, at the latest; LLONG_MAX: it is not stopping */
};

static bool is_finishing(const struct dispatcher *dispatcher)
{
    return atomic_load(&dispatcher->end) != LLONG_MAX;
}

/* It goes on as long as it is to begin deliveries, and then while any is left that may still end.
 */
static bool goes_on(const struct dispatcher *dispatcher)
{
    return !is_finishing(dispatcher) || (transfers_count(dispatcher->transfers) > 0 &&
                                         clock_milliseconds() < atomic_load(&dispatcher->end));
}

/* Tells the database of all that have ended. False: there was none, or it cannot be told now. */
static bool settle(const struct dispatcher *dispatcher)
{
    bool settled = false;
    for (const struct transfer_result *result;
         (result = transfers_ended(dispatcher->transfers)) != NULL;) {
        if (!queue_finish_attempt(&dispatcher->queue, result)) {
            return false;
        }
        transfers_release(dispatcher->transfers, result);
        settled = true;
    }
    return settled;
}

/* Whether somebody wrote to the eventfd since it was asked last. */
static bool was_woken(const struct dispatcher *dispatcher)
{
    eventfd_t count = 0;
    return eventfd_read(dispatcher->wake, &count) == 0;
}

/* Takes what is due; true: there may be more of it. While the listener is cut off the database is
 * not asked: it would not answer. */
static bool look(const struct dispatcher *dispatcher)
{
    return !is_finishing(dispatcher) && transfers_room(dispatcher->transfers) > 0 &&
           revisions_current(dispatcher->listener) >= 0 &&
           queue_claim(&dispatcher->queue, dispatcher->transfers);
}

static void *dispatch(void *argument)
{
    const struct dispatcher *dispatcher = argument;
    long long next_look = 0;
    while (goes_on(dispatcher)) {
        if (clock_milliseconds() >= next_look) {
            bool more = look(dispatcher);
            next_look = clock_milliseconds() + (more ? 0 : dispatcher->look);
        }
        long long left = next_look - clock_milliseconds();
        transfers_poll(dispatcher->transfers, dispatcher->wake, left > 0 ? (int)left : 0);
        /* What has been told may have a next change; and who was told nothing is asked again. */
        bool news = was_woken(dispatcher);
        if (settle(dispatcher) || news) {
            next_look = 0;
        }
    }
    if (transfers_count(dispatcher->transfers) > 0) {
        queue_release(&dispatcher->queue, dispatcher->transfers);
    }
    return NULL;
}

struct dispatcher *dispatcher_start(const struct dispatcher_settings *settings,
                                    struct revisions *listener)
{
    const struct database_settings store = {.url = settings->database_url,
                                            .pool_size = 1,
                                            .checkout_timeout_ms = settings->statement_timeout_ms,
                                            .statement_timeout_ms = settings->statement_timeout_ms};
    struct dispatcher *dispatcher = memory_allocate(sizeof *dispatcher);
    dispatcher->queue = (struct queue){
        .store = pool_open(&store),
        .render_change = settings->render_change,
        .lease = 2 * settings->transfers.timeout,
        .first_pause = settings->first_pause,
        .patience = settings->patience,
    };
    dispatcher->transfers = transfers_open(&settings->transfers);
    dispatcher->listener = listener;
    int half_pause = settings->first_pause / 2;
    dispatcher->look = half_pause > MAX_POLL_MS   ? MAX_POLL_MS
                       : half_pause < MIN_POLL_MS ? MIN_POLL_MS
                                                  : half_pause;
    atomic_store(&dispatcher->end, LLONG_MAX);
    dispatcher->wake = thread_wake();
    thread_start(&dispatcher->thread, dispatch, dispatcher);
    revisions_watch(listener, dispatcher->wake);
    return dispatcher;
}

void dispatcher_finish(struct dispatcher *dispatcher, int grace_seconds)
{
    if (dispatcher != NULL) {
        atomic_store(&dispatcher->end, clock_milliseconds() + 1000LL * grace_seconds);
        (void)eventfd_write(dispatcher->wake, 1);
    }
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
    if (dispatcher == NULL) {
        return;
    }
    revisions_watch(dispatcher->listener, -1);
    (void)pthread_join(dispatcher->thread, NULL);
    transfers_close(dispatcher->transfers);
    pool_close(dispatcher->queue.store);
    (void)close(dispatcher->wake);
    free(dispatcher);
}
