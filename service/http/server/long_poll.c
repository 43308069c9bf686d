#include "http/server/long_poll.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

/* How often the thread looks for waits that are over and for clients that disconnected. */
enum { POLL_INTERVAL_MS = 50 };

struct waiter {
    struct waiter *next;
    struct MHD_Connection *connection;
    int socket;
    long long revision;
    long long deadline; /* clock_milliseconds */
    bool *client_left;
};

struct long_poll {
    const struct application *application;
    pthread_t thread;
    pthread_mutex_t lock;
    struct waiter *waiters;
    int count;
    int max_waiters;
    struct pollfd *sockets; /* the thread's, of max_waiters */
    bool stopped;
};

/* Marks the waiters whose clients closed their side. The lock is held. */
static void find_left(struct long_poll *long_poll)
{
    int count = 0;
    for (const struct waiter *waiter = long_poll->waiters; waiter != NULL; waiter = waiter->next) {
        long_poll->sockets[count++] = (struct pollfd){.fd = waiter->socket, .events = POLLRDHUP};
    }
    if (count == 0 || poll(long_poll->sockets, (nfds_t)count, 0) <= 0) {
        return;
    }
    count = 0;
    for (struct waiter *waiter = long_poll->waiters; waiter != NULL; waiter = waiter->next) {
        *waiter->client_left = long_poll->sockets[count++].revents != 0;
    }
}

/* newest: the newest revision; -1: it is not known. */
static bool is_over(const struct long_poll *long_poll, const struct waiter *waiter,
                    long long newest, long long now)
{
    return long_poll->stopped || newest < 0 || newest > waiter->revision ||
           now >= waiter->deadline || *waiter->client_left;
}

/* Resumes the connections whose wait is over. */
static void wake(struct long_poll *long_poll, long long newest)
{
    long long now = clock_milliseconds();
    (void)pthread_mutex_lock(&long_poll->lock);
    find_left(long_poll);
    for (struct waiter **link = &long_poll->waiters; *link != NULL;) {
        struct waiter *waiter = *link;
        if (is_over(long_poll, waiter, newest, now)) {
            *link = waiter->next;
            long_poll->count--;
            MHD_resume_connection(waiter->connection);
            free(waiter);
        } else {
            link = &waiter->next;
        }
    }
    (void)pthread_mutex_unlock(&long_poll->lock);
}

static bool is_stopped(struct long_poll *long_poll)
{
    (void)pthread_mutex_lock(&long_poll->lock);
    bool stopped = long_poll->stopped;
    (void)pthread_mutex_unlock(&long_poll->lock);
    return stopped;
}

static void *long_poll_loop(void *argument)
{
    struct long_poll *long_poll = argument;
    const struct application *application = long_poll->application;
    long long newest = application->newest_revision(application->context);
    while (!is_stopped(long_poll)) {
        newest = application->await_revision(application->context, newest, POLL_INTERVAL_MS);
        wake(long_poll, newest);
    }
    return NULL;
}

struct long_poll *long_poll_start(const struct application *application, int max_waiters)
{
    struct long_poll *long_poll = memory_allocate(sizeof *long_poll);
    long_poll->application = application;
    long_poll->max_waiters = max_waiters;
    long_poll->sockets = memory_allocate((size_t)(max_waiters + 1) * sizeof(struct pollfd));
    (void)pthread_mutex_init(&long_poll->lock, NULL);
    thread_start(&long_poll->thread, long_poll_loop, long_poll);
    return long_poll;
}

bool long_poll_suspend(struct long_poll *long_poll, struct MHD_Connection *connection,
                       long long revision, int seconds, bool *client_left)
{
    struct waiter *waiter = memory_allocate(sizeof *waiter);
    *waiter = (struct waiter){
        .connection = connection,
        .socket =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
        .revision = revision,
        .deadline = clock_milliseconds() + (long long)seconds * MILLISECONDS_PER_SECOND,
        .client_left = client_left};
    (void)pthread_mutex_lock(&long_poll->lock);
    bool waits = !long_poll->stopped && long_poll->count < long_poll->max_waiters;
    if (waits) {
        MHD_suspend_connection(connection);
        waiter->next = long_poll->waiters;
        long_poll->waiters = waiter;
        long_poll->count++;
    }
    (void)pthread_mutex_unlock(&long_poll->lock);
    if (!waits) {
        free(waiter);
    }
    return waits;
}

void long_poll_stop(struct long_poll *long_poll)
{
    (void)pthread_mutex_lock(&long_poll->lock);
    long_poll->stopped = true;
    (void)pthread_mutex_unlock(&long_poll->lock);
    (void)pthread_join(long_poll->thread, NULL);
    wake(long_poll, -1);
}

void long_poll_free(struct long_poll *long_poll)
{
    if (long_poll != NULL) {
        (void)pthread_mutex_destroy(&long_poll->lock);
        free(long_poll->sockets);
        free(long_poll);
    }
}
