#include "http/visitors.h"

#include "clock.h"
#include "log.h"
#include "memory.h"
#include "thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

/* How often the connections are looked at, in milliseconds; bytes of a body that are worth a
 * second. */
enum { LOOK = 250, SECOND = 1000, SLOWEST = 1024 };

/* Seconds that a connection has for its request if it will be told that it came at a bad time. */
enum { PATIENCE = 2 };

/* The connection's own thread sets the deadline, the watching one reads it. */
struct visitor {
    struct visitor *next;
    struct visitor *previous;
    struct visitors *visitors;
    int socket;
    atomic_llong deadline; /* clock_milliseconds */
    struct address address;
    bool counted; /* as one of its client's */
    enum crowding crowding;
    void *request; /* under way; NULL: none */
    void (*forget)(void *request);
};

struct visitors {
    struct visitors_settings settings;
    struct crowd *crowd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t closing;
    bool closed;
    struct visitor *first;
};

static void set_deadline(struct visitor *visitor, int seconds)
{
    atomic_store_explicit(&visitor->deadline, clock_milliseconds() + (long long)seconds * SECOND,
                          memory_order_relaxed);
}

static void forget_request(struct visitor *visitor)
{
    void *request = visitor->request;
    visitor->request = NULL;
    if (request != NULL) {
        visitor->forget(request);
    }
}

void visitor_request_begins(struct visitor *visitor, void *request, void (*forget)(void *request))
{
    forget_request(visitor);
    visitor->request = request;
    visitor->forget = forget;
    set_deadline(visitor, visitor->visitors->settings.request);
}

void visitor_request_grows(struct visitor *visitor, size_t bytes)
{
    (void)atomic_fetch_add_explicit(&visitor->deadline, (long long)bytes * SECOND / SLOWEST,
                                    memory_order_relaxed);
}

void visitor_reply_begins(struct visitor *visitor)
{
    set_deadline(visitor, visitor->visitors->settings.reply);
}

/* One that is silent is closed by libmicrohttpd. One that is still there after that and the time of
 * a request has been sending a first line all the while. */
static void put_off(struct visitor *visitor)
{
    set_deadline(visitor, visitor->visitors->settings.idle + visitor->visitors->settings.request);
}

void visitor_rests(struct visitor *visitor)
{
    visitor->request = NULL;
    put_off(visitor);
}

struct visitor *visitor_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

enum crowding visitor_crowding(const struct visitor *visitor)
{
    return visitor->crowding;
}

/* Counts it for its client and for all. One that came at a bad time has little of it. */
static void welcome(struct visitor *visitor, struct MHD_Connection *connection)
{
    const struct visitors *visitors = visitor->visitors;
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    visitor->counted = peer != NULL && address_of_socket(peer->client_addr, &visitor->address) &&
                       !address_in(&visitor->address, &visitors->settings.trust->proxies);
    visitor->crowding = crowd_enter(visitors->crowd, visitor->counted ? &visitor->address : NULL);
    metrics_connection(visitors->settings.metrics, 1);
    if (visitor->crowding == CROWDING_NONE) {
        return;
    }
    metrics_crowded(visitors->settings.metrics);
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, PATIENCE);
    if (visitor->crowding == CROWDING_TOO_MUCH) {
        (void)shutdown(visitor->socket, SHUT_RDWR);
    }
}

static void farewell(const struct visitor *visitor)
{
    const struct visitors *visitors = visitor->visitors;
    crowd_leave(visitors->crowd, visitor->counted ? &visitor->address : NULL);
    metrics_connection(visitors->settings.metrics, -1);
}

int visitors_present_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *about,
                                 gnutls_pcert_st **certificates, unsigned *count,
                                 gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count,
                                 gnutls_privkey_t *key, unsigned *flags)
{
    (void)about;
    *ocsp = NULL;
    *ocsp_count = 0;
    /* libmicrohttpd tells GnuTLS of the connection. */
    const struct visitor *visitor = visitor_of(gnutls_session_get_ptr(session));
    return tls_present(visitor->visitors->settings.tls, certificates, count, key, flags);
}

static void add(struct visitors *visitors, struct MHD_Connection *connection, void **socket_context)
{
    struct visitor *visitor = memory_allocate(sizeof *visitor);
    visitor->visitors = visitors;
    visitor->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    visitor_rests(visitor);
    welcome(visitor, connection);
    *socket_context = visitor;
    (void)pthread_mutex_lock(&visitors->lock);
    visitor->next = visitors->first;
    if (visitor->next != NULL) {
        visitor->next->previous = visitor;
    }
    visitors->first = visitor;
    (void)pthread_mutex_unlock(&visitors->lock);
}

static void drop(struct visitors *visitors, struct visitor *visitor)
{
    forget_request(visitor);
    farewell(visitor);
    (void)pthread_mutex_lock(&visitors->lock);
    *(visitor->previous != NULL ? &visitor->previous->next : &visitors->first) = visitor->next;
    if (visitor->next != NULL) {
        visitor->next->previous = visitor->previous;
    }
    (void)pthread_mutex_unlock(&visitors->lock);
    free(visitor);
}

void visitors_notify(void *closure, struct MHD_Connection *connection, void **socket_context,
                     enum MHD_ConnectionNotificationCode what)
{
    struct visitors *visitors = closure;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        add(visitors, connection, socket_context);
    } else {
        drop(visitors, *socket_context);
    }
}

/* Cuts off those that are over their time: libmicrohttpd finds the connection at its end. The lock
 * keeps it from closing the socket, and another from getting its number, meanwhile. */
static int cut_off_the_slow(struct visitors *visitors)
{
    long long now = clock_milliseconds();
    int count = 0;
    for (struct visitor *visitor = visitors->first; visitor != NULL; visitor = visitor->next) {
        if (atomic_load_explicit(&visitor->deadline, memory_order_relaxed) < now) {
            (void)shutdown(visitor->socket, SHUT_RDWR);
            put_off(visitor);
            count++;
        }
    }
    return count;
}

static void *keep_watch(void *argument)
{
    struct visitors *visitors = argument;
    (void)pthread_mutex_lock(&visitors->lock);
    while (!visitors->closed) {
        struct timespec next = clock_after(LOOK);
        (void)pthread_cond_timedwait(&visitors->closing, &visitors->lock, &next);
        int count = cut_off_the_slow(visitors);
        if (count > 0) {
            log_event(LOG_LEVEL_WARNING, "slow clients cut off", log_number("count", count));
        }
    }
    (void)pthread_mutex_unlock(&visitors->lock);
    return NULL;
}

struct visitors *visitors_open(const struct visitors_settings *settings)
{
    struct visitors *visitors = memory_allocate(sizeof *visitors);
    visitors->settings = *settings;
    visitors->crowd = crowd_open(settings->most_of_client, settings->most);
    (void)pthread_mutex_init(&visitors->lock, NULL);
    clock_condition(&visitors->closing);
    thread_start(&visitors->thread, keep_watch, visitors);
    return visitors;
}

void visitors_close(struct visitors *visitors)
{
    if (visitors == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&visitors->lock);
    visitors->closed = true;
    (void)pthread_cond_signal(&visitors->closing);
    (void)pthread_mutex_unlock(&visitors->lock);
    (void)pthread_join(visitors->thread, NULL);
    crowd_close(visitors->crowd);
    (void)pthread_cond_destroy(&visitors->closing);
    (void)pthread_mutex_destroy(&visitors->lock);
    free(visitors);
}
