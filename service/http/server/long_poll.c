#include "http/server/long_poll.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdlib.h>

/* How long the thread waits for news before it looks who has waited long enough, in milliseconds.
 */
enum { POLL_INTERVAL_MS = 50 };

struct waiter {
    struct waiter *next;
    struct MHD_Connection *connection;
    long long revision;
    long long until; /* clock_milliseconds */
};

struct long_poll {
    const struct application *application;
    pthread_t thread;
    pthread_mutex_t lock;
    struct waiter *waiter;
    bool ended;
};

/* Whether a newer revision is there, or cannot be known of. */
static bool is_over(const struct waiter *waiter, long long newest, long long now)
{
    return newest < 0 || newest > waiter->revision || now >= waiter->until;
}

/* Lets go of those who have waited long enough, and of everyone at the end. */
static void wake(struct long_poll *long_poll, long long newest)
{
    long long now = clock_milliseconds();
    (void)pthread_mutex_lock(&long_poll->lock);
    for (struct waiter **place = &long_poll->waiter; *place != NULL;) {
        struct waiter *waiter = *place;
        if (long_poll->ended || is_over(waiter, newest, now)) {
            *place = waiter->next;
            MHD_resume_connection(waiter->connection);
            free(waiter);
        } else {
            place = &waiter->next;
        }
    }
    (void)pthread_mutex_unlock(&long_poll->lock);
}

static bool has_ended(struct long_poll *long_poll)
{
    (void)pthread_mutex_lock(&long_poll->lock);
    bool ended = long_poll->ended;
    (void)pthread_mutex_unlock(&long_poll->lock);
    return ended;
}

static void *long_poll_loop(void *argument)
{
    struct long_poll *long_poll = argument;
    const struct application *application = long_poll->application;
    long long newest = application->newest_revision(application->context);
    while (!has_ended(long_poll)) {
        newest = application->await_revision(application->context, newest, POLL_INTERVAL_MS);
        wake(long_poll, newest);
    }
    return NULL;
}

struct long_poll *long_poll_start(const struct application *application)
{
    struct long_poll *long_poll = memory_allocate(sizeof *long_poll);
    long_poll->application = application;
    (void)pthread_mutex_init(&long_poll->lock, NULL);
    thread_start(&long_poll->thread, long_poll_loop, long_poll);
    return long_poll;
}

bool long_poll_suspend(struct long_poll *long_poll, struct MHD_Connection *connection,
                       long long revision, int seconds)
{
    enum { SECOND = 1000 };
    struct waiter *waiter = memory_allocate(sizeof *waiter);
    *waiter = (struct waiter){.connection = connection,
                              .revision = revision,
                              .until = clock_milliseconds() + (long long)seconds * SECOND};
    (void)pthread_mutex_lock(&long_poll->lock);
    bool hold = !long_poll->ended;
    if (hold) {
        MHD_suspend_connection(connection);
        waiter->next = long_poll->waiter;
        long_poll->waiter = waiter;
    }
    (void)pthread_mutex_unlock(&long_poll->lock);
    if (!hold) {
        free(waiter);
    }
    return hold;
}

void long_poll_stop(struct long_poll *long_poll)
{
    (void)pthread_mutex_lock(&long_poll->lock);
    long_poll->ended = true;
    (void)pthread_mutex_unlock(&long_poll->lock);
    (void)pthread_join(long_poll->thread, NULL);
    wake(long_poll, -1);
}

void long_poll_free(struct long_poll *long_poll)
{
    if (long_poll != NULL) {
        (void)pthread_mutex_destroy(&long_poll->lock);
        free(long_poll);
    }
}
