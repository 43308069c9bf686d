#include "http/waiting.h"

#include "clock.h"
#include "memory.h"
#include "thread.h"

#include <pthread.h>
#include <stdlib.h>

/* How long the thread waits for news before it looks who has waited long enough, in milliseconds.
 */
enum { LOOK = 50 };

struct held {
    struct held *next;
    struct MHD_Connection *connection;
    long long revision;
    long long until; /* clock_milliseconds */
};

struct waiting {
    const struct application *application;
    pthread_t thread;
    pthread_mutex_t lock;
    struct held *held;
    bool ended;
};

/* Whether a newer revision is there, or cannot be known of. */
static bool is_over(const struct held *held, long long newest, long long now)
{
    return newest < 0 || newest > held->revision || now >= held->until;
}

/* Lets go of those who have waited long enough, and of everyone at the end. */
static void let_go(struct waiting *waiting, long long newest)
{
    long long now = clock_milliseconds();
    (void)pthread_mutex_lock(&waiting->lock);
    for (struct held **place = &waiting->held; *place != NULL;) {
        struct held *held = *place;
        if (waiting->ended || is_over(held, newest, now)) {
            *place = held->next;
            MHD_resume_connection(held->connection);
            free(held);
        } else {
            place = &held->next;
        }
    }
    (void)pthread_mutex_unlock(&waiting->lock);
}

static bool has_ended(struct waiting *waiting)
{
    (void)pthread_mutex_lock(&waiting->lock);
    bool ended = waiting->ended;
    (void)pthread_mutex_unlock(&waiting->lock);
    return ended;
}

static void *keep_watch(void *argument)
{
    struct waiting *waiting = argument;
    const struct application *application = waiting->application;
    long long newest = application->newest_revision(application->shared);
    while (!has_ended(waiting)) {
        newest = application->await_revision(application->shared, newest, LOOK);
        let_go(waiting, newest);
    }
    return NULL;
}

struct waiting *waiting_start(const struct application *application)
{
    struct waiting *waiting = memory_allocate(sizeof *waiting);
    waiting->application = application;
    (void)pthread_mutex_init(&waiting->lock, NULL);
    thread_start(&waiting->thread, keep_watch, waiting);
    return waiting;
}

bool waiting_hold(struct waiting *waiting, struct MHD_Connection *connection, long long revision,
                  int seconds)
{
    enum { SECOND = 1000 };
    struct held *held = memory_allocate(sizeof *held);
    *held = (struct held){.connection = connection,
                          .revision = revision,
                          .until = clock_milliseconds() + (long long)seconds * SECOND};
    (void)pthread_mutex_lock(&waiting->lock);
    bool hold = !waiting->ended;
    if (hold) {
        MHD_suspend_connection(connection);
        held->next = waiting->held;
        waiting->held = held;
    }
    (void)pthread_mutex_unlock(&waiting->lock);
    if (!hold) {
        free(held);
    }
    return hold;
}

void waiting_end(struct waiting *waiting)
{
    (void)pthread_mutex_lock(&waiting->lock);
    waiting->ended = true;
    (void)pthread_mutex_unlock(&waiting->lock);
    (void)pthread_join(waiting->thread, NULL);
    let_go(waiting, -1);
}

void waiting_free(struct waiting *waiting)
{
    if (waiting != NULL) {
        (void)pthread_mutex_destroy(&waiting->lock);
        free(waiting);
    }
}
