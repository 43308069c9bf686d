#include "http/clients.h"

#include "clock.h"
#include "log.h"
#include "memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How often the connections are looked at, in milliseconds; bytes of a body that are worth a
 * second. */
enum { LOOK = 250, SECOND = 1000, SLOWEST = 1024 };

/* The connection's own thread sets the deadline, the watching one reads it. */
struct client {
    struct client *next;
    struct client *previous;
    struct clients *clients;
    int socket;
    atomic_llong deadline; /* clock_milliseconds */
};

struct clients {
    struct clients_limits limits;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t closing;
    bool closed;
    struct client *first;
};

static void set_deadline(struct client *client, int seconds)
{
    atomic_store_explicit(&client->deadline, clock_milliseconds() + (long long)seconds * SECOND,
                          memory_order_relaxed);
}

void client_request_begins(struct client *client)
{
    set_deadline(client, client->clients->limits.request);
}

void client_request_grows(struct client *client, size_t bytes)
{
    (void)atomic_fetch_add_explicit(&client->deadline, (long long)bytes * SECOND / SLOWEST,
                                    memory_order_relaxed);
}

void client_reply_begins(struct client *client)
{
    set_deadline(client, client->clients->limits.reply);
}

/* One that is silent is closed by libmicrohttpd. One that is still there after that and the time of
 * a request has been sending a first line all the while. */
void client_rests(struct client *client)
{
    set_deadline(client, client->clients->limits.idle + client->clients->limits.request);
}

struct client *client_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void add(struct clients *clients, struct MHD_Connection *connection, void **socket_context)
{
    struct client *client = memory_allocate(sizeof *client);
    client->clients = clients;
    client->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    client_rests(client);
    *socket_context = client;
    (void)pthread_mutex_lock(&clients->lock);
    client->next = clients->first;
    if (client->next != NULL) {
        client->next->previous = client;
    }
    clients->first = client;
    (void)pthread_mutex_unlock(&clients->lock);
}

static void drop(struct clients *clients, struct client *client)
{
    (void)pthread_mutex_lock(&clients->lock);
    *(client->previous != NULL ? &client->previous->next : &clients->first) = client->next;
    if (client->next != NULL) {
        client->next->previous = client->previous;
    }
    (void)pthread_mutex_unlock(&clients->lock);
    free(client);
}

void clients_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
                    enum MHD_ConnectionNotificationCode what)
{
    struct clients *clients = closure;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        add(clients, connection, socket_context);
    } else {
        drop(clients, *socket_context);
    }
}

/* Cuts off those that are over their time: libmicrohttpd finds the connection at its end. The lock
 * keeps it from closing the socket, and another from getting its number, meanwhile. */
static int cut_off_the_slow(struct clients *clients)
{
    long long now = clock_milliseconds();
    int count = 0;
    for (struct client *client = clients->first; client != NULL; client = client->next) {
        if (atomic_load_explicit(&client->deadline, memory_order_relaxed) < now) {
            (void)shutdown(client->socket, SHUT_RDWR);
            client_rests(client);
            count++;
        }
    }
    return count;
}

static void *keep_watch(void *argument)
{
    struct clients *clients = argument;
    (void)pthread_mutex_lock(&clients->lock);
    while (!clients->closed) {
        struct timespec next = clock_after(LOOK);
        (void)pthread_cond_timedwait(&clients->closing, &clients->lock, &next);
        int count = cut_off_the_slow(clients);
        if (count > 0) {
            log_event(LOG_LEVEL_WARNING, "slow clients cut off", log_number("count", count));
        }
    }
    (void)pthread_mutex_unlock(&clients->lock);
    return NULL;
}

struct clients *clients_open(const struct clients_limits *limits)
{
    struct clients *clients = memory_allocate(sizeof *clients);
    clients->limits = *limits;
    (void)pthread_mutex_init(&clients->lock, NULL);
    clock_condition(&clients->closing);
    if (pthread_create(&clients->thread, NULL, keep_watch, clients) != 0) {
        (void)fputs("ets144: no thread could be started.\n", stderr);
        abort();
    }
    return clients;
}

void clients_close(struct clients *clients)
{
    if (clients == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&clients->lock);
    clients->closed = true;
    (void)pthread_cond_signal(&clients->closing);
    (void)pthread_mutex_unlock(&clients->lock);
    (void)pthread_join(clients->thread, NULL);
    (void)pthread_cond_destroy(&clients->closing);
    (void)pthread_mutex_destroy(&clients->lock);
    free(clients);
}
