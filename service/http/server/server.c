#include "http/server/server.h"

#include "base/log.h"
#include "base/memory.h"
#include "http/server/acceptor.h"
#include "http/server/access_handler.h"
#include "http/server/client_connection.h"
#include "http/server/connection_limit.h"
#include "http/server/request_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    /* Bytes of a connection's buffer: the request's head and the response's. libmicrohttpd clears
     * the whole buffer for each request and holds it as long as the connection: ten thousand
     * buffers must fit into 150 MB. */
    CONNECTION_MEMORY = MAX_HEAD_MEMORY + 2560,
    /* Descriptors of the server itself (log, listening and wake sockets), and of each thread. */
    OWN_FILES = 64,
    FILES_OF_THREAD = 4,
    /* Queued requests for each handler thread. */
    QUEUED_PER_HANDLER_THREAD = 4,
    /* Half of the connections may wait in a long poll. */
    LONG_POLL_DIVISOR = 2
};

struct server {
    struct access_handler access_handler;
    struct client_connections *client_connections;
    struct connection_limit *limit;
    struct acceptor *acceptor;
};

__attribute__((format(printf, 2, 0))) static void log_microhttpd(void *closure, const char *format,
                                                                 va_list arguments)
{
    (void)closure;
    char text[512];
    (void)vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    log_event(LOG_LEVEL_DEBUG, "library_message", log_text("library", "libmicrohttpd"),
              log_text("message", text));
}

/* Raises the soft limit of open files to the hard one; returns how many connections fit. */
static int find_connection_limit(const struct server_settings *settings)
{
    enum { DEFAULT_LIMIT = 1024, MAX_LIMIT = 1000000 };
    int wanted = settings->connection_limit;
    long others = settings->other_files + OWN_FILES + (long)settings->threads * FILES_OF_THREAD;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return wanted > 0 ? wanted : DEFAULT_LIMIT;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    long fits = files.rlim_cur > MAX_LIMIT ? MAX_LIMIT : (long)files.rlim_cur;
    fits = fits > 2 * others ? fits - others : fits / 2;
    int limit = wanted > 0 && wanted < fits ? wanted : (int)fits;
    log_event(LOG_LEVEL_INFO, "file_limit", log_number("limit", (long long)files.rlim_cur),
              log_number("connection_limit", limit));
    return limit;
}

/* A limit for libmicrohttpd that is never reached (see acceptor.h). libmicrohttpd divides it among
 * its threads, and a single thread may get all connections. */
static int unreachable_limit(int max_connections, int threads)
{
    enum { MARGIN = 64 };
    long long limit = (long long)(max_connections + MARGIN) * threads;
    return limit < INT32_MAX ? (int)limit : INT32_MAX;
}

static bool start_daemon(struct server *server, const struct server_settings *settings,
                         int max_connections)
{
    static char priorities[] = TLS_PRIORITIES;
    /* libmicrohttpd takes this function as an object pointer. */
    const union {
        gnutls_certificate_retrieve_function3 *function;
        void *address;
    } certificate = {.function = client_connections_certificate};
    struct access_handler *handler = &server->access_handler;
    /* Without TLS the list ends where its options begin. */
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_microhttpd, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)access_handler_end, handler},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)access_handler_begin, handler},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)client_connections_notify,
         server->client_connections},
        {MHD_OPTION_THREAD_POOL_SIZE, settings->threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, unreachable_limit(max_connections, settings->threads), NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_seconds, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {settings->tls != NULL ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, certificate.address},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_NO_LISTEN_SOCKET;
    flags |= settings->tls != NULL ? MHD_USE_TLS : 0;
    handler->ulfius = ulfius_bridge_start(access_handler_call, handler, flags, options);
    return handler->ulfius != NULL;
}

static void server_free(struct server *server)
{
    handler_pool_free(server->access_handler.handlers);
    long_poll_free(server->access_handler.long_poll);
    client_connections_close(server->client_connections);
    connection_limit_close(server->limit);
    free(server);
}

/* Opens everything but the daemon and the acceptor. */
static struct server *server_open(const struct server_settings *settings,
                                  const struct application *application, int max_connections)
{
    struct server *server = memory_allocate(sizeof *server);
    struct access_handler *handler = &server->access_handler;
    handler->application = *application;
    server->limit = connection_limit_open(settings->client_connections, max_connections);
    const struct client_connections_settings connections = {
        .idle_seconds = settings->idle_timeout_seconds,
        .request_seconds = settings->request_timeout_seconds,
        .response_seconds = settings->response_timeout_seconds,
        .limit = server->limit,
        .metrics = application->metrics,
        .trust = &handler->application.trust,
        .tls = settings->tls};
    server->client_connections = client_connections_open(&connections);
    handler->long_poll =
        long_poll_start(&handler->application, max_connections / LONG_POLL_DIVISOR);
    handler->handlers = handler_pool_open(settings->handler_threads,
                                          settings->handler_threads * QUEUED_PER_HANDLER_THREAD);
    return server;
}

struct server *server_start(const struct server_settings *settings,
                            const struct application *application)
{
    struct acceptor *acceptor = acceptor_open(settings->address, settings->port);
    if (acceptor == NULL) {
        return NULL;
    }
    int max_connections = find_connection_limit(settings);
    struct server *server = server_open(settings, application, max_connections);
    server->acceptor = acceptor;
    if (!start_daemon(server, settings, max_connections)) {
        acceptor_close(acceptor);
        long_poll_stop(server->access_handler.long_poll);
        handler_pool_stop(server->access_handler.handlers);
        server_free(server);
        return NULL;
    }
    acceptor_start(acceptor, ulfius_bridge_daemon(server->access_handler.ulfius), server->limit);
    log_event(LOG_LEVEL_INFO, "listening", log_text("address", settings->address),
              log_number("port", server_port(server)), log_number("threads", settings->threads),
              log_text("scheme", settings->tls != NULL ? "https" : "http"));
    return server;
}

int server_port(const struct server *server)
{
    return acceptor_port(server->acceptor);
}

void server_drain(struct server *server)
{
    atomic_store_explicit(&server->access_handler.draining, true, memory_order_relaxed);
}

void server_stop(struct server *server, int grace_seconds)
{
    if (server == NULL) {
        return;
    }
    enum { CHECKS_PER_SECOND = 100, MICROSECONDS = 1000000 };
    struct access_handler *handler = &server->access_handler;
    acceptor_close(server->acceptor);
    long_poll_stop(handler->long_poll);
    for (int i = 0; i < grace_seconds * CHECKS_PER_SECOND && atomic_load(&handler->running) > 0;
         i++) {
        (void)usleep(MICROSECONDS / CHECKS_PER_SECOND);
    }
    /* After this no connection is suspended, which libmicrohttpd requires. */
    handler_pool_stop(handler->handlers);
    ulfius_bridge_stop(handler->ulfius);
    server_free(server);
}
