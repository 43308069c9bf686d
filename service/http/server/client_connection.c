#include "http/server/client_connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How often the connections are looked at, in milliseconds; bytes of a body that are worth a
 * second. */
enum { REAP_INTERVAL_MS = 250, SECOND = 1000, MIN_BODY_BYTES_PER_SECOND = 1024 };

/* Seconds that a connection has for its request if it will be told that it came at a bad time. */
enum { REFUSED_TIMEOUT_SECONDS = 2 };

/* The connection's own thread sets the deadline, the watching one reads it. */
struct client_connection {
    struct client_connection *next;
    struct client_connection *previous;
    struct client_connections *client_connections;
    int socket;
    atomic_llong deadline; /* clock_milliseconds */
    struct address address;
    bool counted; /* as one of its client's */
    enum admission admission;
    void *request; /* under way; NULL: none */
    void (*abandon)(void *request);
};

struct client_connections {
    struct client_connections_settings settings;
    struct connection_limit *limit;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t closing;
    bool closed;
    struct client_connection *first;
};

static void set_deadline(struct client_connection *client_connection, int seconds)
{
    atomic_store_explicit(&client_connection->deadline,
                          clock_milliseconds() + (long long)seconds * SECOND, memory_order_relaxed);
}

static void abandon_request(struct client_connection *client_connection)
{
    void *request = client_connection->request;
    client_connection->request = NULL;
    if (request != NULL) {
        client_connection->abandon(request);
    }
}

void client_connection_request_started(struct client_connection *client_connection, void *request,
                                       void (*abandon)(void *request))
{
    abandon_request(client_connection);
    client_connection->request = request;
    client_connection->abandon = abandon;
    set_deadline(client_connection, client_connection->client_connections->settings.request);
}

void client_connection_body_received(struct client_connection *client_connection, size_t bytes)
{
    (void)atomic_fetch_add_explicit(&client_connection->deadline,
                                    (long long)bytes * SECOND / MIN_BODY_BYTES_PER_SECOND,
                                    memory_order_relaxed);
}

void client_connection_response_started(struct client_connection *client_connection)
{
    set_deadline(client_connection, client_connection->client_connections->settings.reply);
}

/* One that is silent is closed by libmicrohttpd. One that is still there after that and the time of
 * a request has been sending a first line all the while. */
static void set_idle_deadline(struct client_connection *client_connection)
{
    set_deadline(client_connection, client_connection->client_connections->settings.idle +
                                        client_connection->client_connections->settings.request);
}

void client_connection_idle(struct client_connection *client_connection)
{
    client_connection->request = NULL;
    set_idle_deadline(client_connection);
}

struct client_connection *client_connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

enum admission client_connection_admission(const struct client_connection *client_connection)
{
    return client_connection->admission;
}

/* Counts it for its client and for all. One that came at a bad time has little of it. */
static void on_open(struct client_connection *client_connection, struct MHD_Connection *connection)
{
    const struct client_connections *client_connections = client_connection->client_connections;
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    client_connection->counted =
        peer != NULL && address_of_socket(peer->client_addr, &client_connection->address) &&
        !address_in(&client_connection->address, &client_connections->settings.trust->proxies);
    client_connection->admission = connection_limit_acquire(
        client_connections->limit, client_connection->counted ? &client_connection->address : NULL);
    metrics_connection(client_connections->settings.metrics, 1);
    if (client_connection->admission == ADMISSION_GRANTED) {
        return;
    }
    metrics_connection_refused(client_connections->settings.metrics);
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    REFUSED_TIMEOUT_SECONDS);
    if (client_connection->admission == ADMISSION_DROP) {
        (void)shutdown(client_connection->socket, SHUT_RDWR);
    }
}

static void on_close(const struct client_connection *client_connection)
{
    const struct client_connections *client_connections = client_connection->client_connections;
    connection_limit_release(client_connections->limit,
                             client_connection->counted ? &client_connection->address : NULL);
    metrics_connection(client_connections->settings.metrics, -1);
}

int client_connections_certificate(gnutls_session_t session,
                                   const struct gnutls_cert_retr_st *about,
                                   gnutls_pcert_st **certificates, unsigned *count,
                                   gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count,
                                   gnutls_privkey_t *key, unsigned *flags)
{
    (void)about;
    *ocsp = NULL;
    *ocsp_count = 0;
    /* libmicrohttpd tells GnuTLS of the connection. */
    const struct client_connection *client_connection =
        client_connection_of(gnutls_session_get_ptr(session));
    return tls_certificate(client_connection->client_connections->settings.tls, certificates, count,
                           key, flags);
}

static void add(struct client_connections *client_connections, struct MHD_Connection *connection,
                void **socket_context)
{
    struct client_connection *client_connection = memory_allocate(sizeof *client_connection);
    client_connection->client_connections = client_connections;
    client_connection->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    client_connection_idle(client_connection);
    on_open(client_connection, connection);
    *socket_context = client_connection;
    (void)pthread_mutex_lock(&client_connections->lock);
    client_connection->next = client_connections->first;
    if (client_connection->next != NULL) {
        client_connection->next->previous = client_connection;
    }
    client_connections->first = client_connection;
    (void)pthread_mutex_unlock(&client_connections->lock);
}

static void drop(struct client_connections *client_connections,
                 struct client_connection *client_connection)
{
    abandon_request(client_connection);
    on_close(client_connection);
    (void)pthread_mutex_lock(&client_connections->lock);
    *(client_connection->previous != NULL ? &client_connection->previous->next
                                          : &client_connections->first) = client_connection->next;
    if (client_connection->next != NULL) {
        client_connection->next->previous = client_connection->previous;
    }
    (void)pthread_mutex_unlock(&client_connections->lock);
    free(client_connection);
}

void client_connections_notify(void *closure, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    struct client_connections *client_connections = closure;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        add(client_connections, connection, socket_context);
    } else {
        drop(client_connections, *socket_context);
    }
}

/* Cuts off those that are over their time: libmicrohttpd finds the connection at its end. The lock
 * keeps it from closing the socket, and another from getting its number, meanwhile. */
static int close_expired(struct client_connections *client_connections)
{
    long long now = clock_milliseconds();
    int count = 0;
    for (struct client_connection *client_connection = client_connections->first;
         client_connection != NULL; client_connection = client_connection->next) {
        if (atomic_load_explicit(&client_connection->deadline, memory_order_relaxed) < now) {
            (void)shutdown(client_connection->socket, SHUT_RDWR);
            set_idle_deadline(client_connection);
            count++;
        }
    }
    return count;
}

static void *reaper_loop(void *argument)
{
    struct client_connections *client_connections = argument;
    (void)pthread_mutex_lock(&client_connections->lock);
    while (!client_connections->closed) {
        struct timespec next = clock_after(REAP_INTERVAL_MS);
        (void)pthread_cond_timedwait(&client_connections->closing, &client_connections->lock,
                                     &next);
        int count = close_expired(client_connections);
        if (count > 0) {
            log_event(LOG_LEVEL_WARNING, "clients_timed_out", log_number("count", count));
        }
    }
    (void)pthread_mutex_unlock(&client_connections->lock);
    return NULL;
}

struct client_connections *
client_connections_open(const struct client_connections_settings *settings)
{
    struct client_connections *client_connections = memory_allocate(sizeof *client_connections);
    client_connections->settings = *settings;
    client_connections->limit = connection_limit_open(settings->most_of_client, settings->most);
    (void)pthread_mutex_init(&client_connections->lock, NULL);
    clock_condition(&client_connections->closing);
    thread_start(&client_connections->thread, reaper_loop, client_connections);
    return client_connections;
}

void client_connections_close(struct client_connections *client_connections)
{
    if (client_connections == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&client_connections->lock);
    client_connections->closed = true;
    (void)pthread_cond_signal(&client_connections->closing);
    (void)pthread_mutex_unlock(&client_connections->lock);
    (void)pthread_join(client_connections->thread, NULL);
    connection_limit_close(client_connections->limit);
    (void)pthread_cond_destroy(&client_connections->closing);
    (void)pthread_mutex_destroy(&client_connections->lock);
    free(client_connections);
}
