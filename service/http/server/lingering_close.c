#include "http/server/lingering_close.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* How many connections may linger, in all and of a client, how long, and the bytes that each may
 * send in that time. */
enum { MAX_LINGERING = 256, MAX_OF_CLIENT = 32, LINGER_MS = 10000, MAX_BYTES = 64 << 20 };

struct lingering {
    int socket;
    struct address client;
    bool has_client;
    long long deadline; /* clock_milliseconds */
    long long bytes;    /* dropped */
};

struct lingering_close {
    struct connection_limit *limit; /* borrowed */
    pthread_t thread;
    pthread_mutex_t lock; /* for all below */
    int wakeup;           /* eventfd: a socket came, or it stops */
    bool stopped;
    int count;
    struct lingering connections[MAX_LINGERING];
};

static void drop_socket(struct lingering_close *lingering, int place)
{
    (void)close(lingering->connections[place].socket);
    connection_limit_unreserve(lingering->limit);
    lingering->connections[place] = lingering->connections[--lingering->count];
}

/* False: the client has closed, its time is over, or it sent too much. MSG_TRUNC: the kernel drops
 * the bytes (tcp(7)). */
static bool drop_bytes(struct lingering *connection, bool readable)
{
    enum { AT_ONCE = 1 << 20 };
    if (readable) {
        ssize_t dropped =
            recvfrom(connection->socket, NULL, AT_ONCE, MSG_TRUNC | MSG_DONTWAIT, NULL, NULL);
        if (dropped <= 0) {
            return false;
        }
        connection->bytes += dropped;
    }
    return connection->bytes < MAX_BYTES && connection->deadline > clock_milliseconds();
}

/* The sockets to wait for, after the eventfd; returns their count. */
static int collect(struct lingering_close *lingering, struct pollfd *polled)
{
    (void)pthread_mutex_lock(&lingering->lock);
    int count = lingering->count;
    for (int i = 0; i < count; i++) {
        polled[i + 1] = (struct pollfd){.fd = lingering->connections[i].socket, .events = POLLIN};
    }
    (void)pthread_mutex_unlock(&lingering->lock);
    return count;
}

/* Only this thread removes sockets, so those that were polled are in their places: it goes from the
 * last to the first, as the place of a removed socket is filled from the end. */
static void turn(struct lingering_close *lingering, const struct pollfd *polled, int count)
{
    (void)pthread_mutex_lock(&lingering->lock);
    for (int i = count - 1; i >= 0; i--) {
        if (!drop_bytes(&lingering->connections[i], polled[i + 1].revents != 0)) {
            drop_socket(lingering, i);
        }
    }
    (void)pthread_mutex_unlock(&lingering->lock);
}

static bool is_stopped(struct lingering_close *lingering)
{
    (void)pthread_mutex_lock(&lingering->lock);
    bool stopped = lingering->stopped;
    (void)pthread_mutex_unlock(&lingering->lock);
    return stopped;
}

static void *linger_loop(void *argument)
{
    enum { CHECK_MS = 500 };
    struct lingering_close *lingering = argument;
    struct pollfd polled[MAX_LINGERING + 1];
    while (!is_stopped(lingering)) {
        int count = collect(lingering, polled);
        polled[0] = (struct pollfd){.fd = lingering->wakeup, .events = POLLIN};
        if (poll(polled, (nfds_t)count + 1, count > 0 ? CHECK_MS : -1) < 0) {
            continue;
        }
        eventfd_t ignored = 0;
        (void)eventfd_read(lingering->wakeup, &ignored);
        turn(lingering, polled, count);
    }
    return NULL;
}

struct lingering_close *lingering_close_start(struct connection_limit *limit)
{
    struct lingering_close *lingering = memory_allocate(sizeof *lingering);
    lingering->limit = limit;
    (void)pthread_mutex_init(&lingering->lock, NULL);
    lingering->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    thread_start(&lingering->thread, linger_loop, lingering);
    return lingering;
}

void lingering_close_stop(struct lingering_close *lingering)
{
    (void)pthread_mutex_lock(&lingering->lock);
    lingering->stopped = true;
    (void)pthread_mutex_unlock(&lingering->lock);
    (void)eventfd_write(lingering->wakeup, 1);
    (void)pthread_join(lingering->thread, NULL);
    while (lingering->count > 0) {
        drop_socket(lingering, lingering->count - 1);
    }
    (void)close(lingering->wakeup);
    (void)pthread_mutex_destroy(&lingering->lock);
    free(lingering);
}

static bool has_place(const struct lingering_close *lingering, const struct address *client)
{
    int of_client = 0;
    for (int i = 0; client != NULL && i < lingering->count; i++) {
        const struct lingering *other = &lingering->connections[i];
        of_client += other->has_client &&
                     memcmp(other->client.bytes, client->bytes, sizeof client->bytes) == 0;
    }
    return !lingering->stopped && lingering->count < MAX_LINGERING && of_client < MAX_OF_CLIENT;
}

static void add_socket(struct lingering_close *lingering, int socket, const struct address *client)
{
    struct lingering *connection = &lingering->connections[lingering->count++];
    *connection = (struct lingering){.socket = socket,
                                     .has_client = client != NULL,
                                     .deadline = clock_milliseconds() + LINGER_MS};
    if (client != NULL) {
        connection->client = *client;
    }
    (void)shutdown(socket, SHUT_WR);
}

bool lingering_close_add(struct lingering_close *lingering, int socket,
                         const struct address *client)
{
    (void)pthread_mutex_lock(&lingering->lock);
    int copy = has_place(lingering, client) ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1;
    if (copy >= 0) {
        add_socket(lingering, copy, client);
    }
    (void)pthread_mutex_unlock(&lingering->lock);
    (void)eventfd_write(lingering->wakeup, 1);
    return copy >= 0;
}
