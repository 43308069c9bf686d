#include "http/server/client_connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "http/server/lingering_close.h"
#include "http/server/received_bytes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How often deadlines are checked; the rate at which a body keeps its deadline away. */
enum { REAP_INTERVAL_MS = 250, MIN_BODY_BYTES_PER_SECOND = 1024 };

/* The time for the request of a connection over the limits, which will be refused. */
enum { REFUSED_TIMEOUT_SECONDS = 2 };

/* The connection's own thread sets the deadline, the reaper reads it. */
struct client_connection {
    struct client_connection *next;
    struct client_connection *previous;
    struct client_connections *all;
    struct MHD_Connection *connection;
    int socket;
    atomic_llong deadline; /* clock_milliseconds */
    struct address address;
    bool has_client; /* the connection counts for the client of that address */
    enum admission admission;
    struct request_reader reader;
    bool handshaking;         /* TLS: nothing can be read yet */
    bool head_begun;          /* its deadline is set */
    bool lingers;             /* its response comes before the end of the request */
    gnutls_session_t session; /* NULL: plain HTTP */
    void *request;            /* under way; NULL: the connection is idle */
    void (*abandon)(void *request);
};

struct client_connections {
    struct client_connections_settings settings;
    struct lingering_close *lingering;
    pthread_t reaper;
    pthread_mutex_t lock;
    pthread_cond_t closing;
    bool closed;
    struct client_connection *first;
};

static void set_deadline(struct client_connection *client, int seconds)
{
    atomic_store_explicit(&client->deadline,
                          clock_milliseconds() + (long long)seconds * MILLISECONDS_PER_SECOND,
                          memory_order_relaxed);
}

/* libmicrohttpd's own deadline, which any byte that it gets defers; 0: none. */
static void set_idle_seconds(const struct client_connection *client, int seconds)
{
    if (client->admission == ADMISSION_GRANTED) {
        (void)MHD_set_connection_option(client->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                        (unsigned)seconds);
    }
}

/* The head has its own deadline. A change of the option counts as activity to libmicrohttpd.
 * Without a deadline it puts the connection on a list that it walks on each turn. */
static void defer_idle_deadline(struct client_connection *client)
{
    const struct client_connections_settings *settings = &client->all->settings;
    set_deadline(client, settings->request_seconds);
    set_idle_seconds(client, 0);
    if (settings->idle_seconds > settings->request_seconds) {
        set_idle_seconds(client, settings->idle_seconds);
    }
}

static void abandon_request(struct client_connection *client)
{
    void *request = client->request;
    client->request = NULL;
    if (request != NULL) {
        client->abandon(request);
    }
}

void client_connection_request_started(struct client_connection *client, void *request,
                                       void (*abandon)(void *request))
{
    abandon_request(client);
    client->request = request;
    client->abandon = abandon;
    if (client->head_begun) {
        set_idle_seconds(client, client->all->settings.idle_seconds);
    } else {
        set_deadline(client, client->all->settings.request_seconds);
    }
    client->head_begun = false;
}

struct request_reader *client_connection_reader(struct client_connection *client)
{
    return &client->reader;
}

void client_connection_body_received(struct client_connection *client, size_t bytes)
{
    (void)atomic_fetch_add_explicit(
        &client->deadline, (long long)bytes * MILLISECONDS_PER_SECOND / MIN_BODY_BYTES_PER_SECOND,
        memory_order_relaxed);
}

void client_connection_response_started(struct client_connection *client)
{
    set_deadline(client, client->all->settings.response_seconds);
}

void client_connection_answered_early(struct client_connection *client)
{
    client->lingers = true;
}

/* libmicrohttpd closes a silent connection after the idle time; this deadline is later. */
static void set_idle_deadline(struct client_connection *client)
{
    const struct client_connections_settings *settings = &client->all->settings;
    set_deadline(client, settings->idle_seconds + settings->request_seconds);
}

void client_connection_idle(struct client_connection *client)
{
    client->request = NULL;
    set_idle_deadline(client);
}

bool client_connection_has_session(const struct client_connection *client, gnutls_session_t session)
{
    return client->session == session;
}

void client_connection_received(struct client_connection *client)
{
    if (client->handshaking) {
        client->handshaking = false;
        set_idle_deadline(client);
    }
    /* A head is given to libmicrohttpd when it is complete, so until then it would be idle. */
    if (client->request == NULL && !client->head_begun && request_reader_waits(&client->reader)) {
        defer_idle_deadline(client);
        client->head_begun = true;
    }
}

struct client_connection *client_connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

enum admission client_connection_admission(const struct client_connection *client)
{
    return client->admission;
}

/* Counts the connection for its client, and shortens the timeout if it is over the limits. */
static void admit(struct client_connection *client, struct MHD_Connection *connection)
{
    const struct client_connections_settings *settings = &client->all->settings;
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    client->has_client = peer != NULL && address_of_socket(peer->client_addr, &client->address) &&
                         !address_in(&client->address, &settings->trust->proxies);
    client->admission =
        connection_limit_acquire(settings->limit, client->has_client ? &client->address : NULL);
    metrics_connection(settings->metrics, 1);
    if (client->admission == ADMISSION_GRANTED) {
        return;
    }
    metrics_connection_refused(settings->metrics);
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    REFUSED_TIMEOUT_SECONDS);
    if (client->admission == ADMISSION_DROP) {
        (void)shutdown(client->socket, SHUT_RDWR);
    }
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
    /* libmicrohttpd sets the session's pointer to the connection. */
    const struct client_connection *client = client_connection_of(gnutls_session_get_ptr(session));
    return tls_certificate(client->all->settings.tls, certificates, count, key, flags);
}

static struct client_connection *on_open(struct client_connections *all,
                                         struct MHD_Connection *connection)
{
    struct client_connection *client = memory_allocate(sizeof *client);
    client->all = all;
    client->connection = connection;
    client->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    client->session = session != NULL ? session->tls_session : NULL;
    client->handshaking = client->session != NULL;
    if (client->handshaking) {
        set_deadline(client, all->settings.request_seconds);
    } else {
        set_idle_deadline(client);
    }
    admit(client, connection);
    if (!received_bytes_attach(client->socket, client)) {
        (void)shutdown(client->socket, SHUT_RDWR);
    }
    (void)pthread_mutex_lock(&all->lock);
    client->next = all->first;
    if (client->next != NULL) {
        client->next->previous = client;
    }
    all->first = client;
    (void)pthread_mutex_unlock(&all->lock);
    return client;
}

static void on_close(struct client_connection *client)
{
    struct client_connections *all = client->all;
    received_bytes_detach(client->socket);
    const struct address *address = client->has_client ? &client->address : NULL;
    if (!client->lingers || !lingering_close_add(all->lingering, client->socket, address)) {
        connection_limit_unreserve(all->settings.limit);
    }
    abandon_request(client);
    request_reader_end(&client->reader);
    connection_limit_release(all->settings.limit, address);
    metrics_connection(all->settings.metrics, -1);
    (void)pthread_mutex_lock(&all->lock);
    *(client->previous != NULL ? &client->previous->next : &all->first) = client->next;
    if (client->next != NULL) {
        client->next->previous = client->previous;
    }
    (void)pthread_mutex_unlock(&all->lock);
    free(client);
}

void client_connections_notify(void *closure, struct MHD_Connection *connection,
                               void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = on_open(closure, connection);
    } else {
        on_close(*socket_context);
    }
}

/* Shuts down the connections past their deadline; libmicrohttpd then finds them closed. It cannot
 * close a socket, and the kernel cannot reuse its number, while the lock is held (on_close). */
static int close_expired(struct client_connections *all)
{
    long long now = clock_milliseconds();
    int count = 0;
    for (struct client_connection *client = all->first; client != NULL; client = client->next) {
        if (atomic_load_explicit(&client->deadline, memory_order_relaxed) < now) {
            (void)shutdown(client->socket, SHUT_RDWR);
            set_idle_deadline(client);
            count++;
        }
    }
    return count;
}

static void *reaper_loop(void *argument)
{
    struct client_connections *all = argument;
    (void)pthread_mutex_lock(&all->lock);
    while (!all->closed) {
        struct timespec next = clock_after(REAP_INTERVAL_MS);
        (void)pthread_cond_timedwait(&all->closing, &all->lock, &next);
        int count = close_expired(all);
        if (count > 0) {
            log_event(LOG_LEVEL_WARNING, "clients_timed_out", log_number("count", count));
        }
    }
    (void)pthread_mutex_unlock(&all->lock);
    return NULL;
}

struct client_connections *
client_connections_open(const struct client_connections_settings *settings)
{
    struct client_connections *all = memory_allocate(sizeof *all);
    all->settings = *settings;
    all->lingering = lingering_close_start(settings->limit);
    (void)pthread_mutex_init(&all->lock, NULL);
    clock_condition(&all->closing);
    thread_start(&all->reaper, reaper_loop, all);
    return all;
}

void client_connections_close(struct client_connections *all)
{
    if (all == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&all->lock);
    all->closed = true;
    (void)pthread_cond_signal(&all->closing);
    (void)pthread_mutex_unlock(&all->lock);
    (void)pthread_join(all->reaper, NULL);
    lingering_close_stop(all->lingering);
    (void)pthread_cond_destroy(&all->closing);
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}
