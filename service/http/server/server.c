#include "http/server/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/cache/fast_path.h"
#include "http/cache/response_cache.h"
#include "http/handle/metrics.h"
#include "http/handle/process.h"
#include "http/message/request_id.h"
#include "http/request/route.h"
#include "http/server/acceptor.h"
#include "http/server/access_handler.h"
#include "http/server/client_connection.h"
#include "http/server/long_poll.h"
#include "http/server/ulfius_bridge.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

enum {
    /* A connection's buffer: headers of 5 KiB, the address, and room to answer. libmicrohttpd
     * clears all of it for each request and holds it as long as the connection: ten thousand of
     * them are to fit into 150 MB. */
    CONNECTION_MEMORY = 10240,
    /* Descriptors of the server's own: log, sockets that listen and wake; and of each thread. */
    OWN_FILES = 64,
    FILES_OF_THREAD = 4
};

struct server {
    struct access_handler front; /* its address is that of the instance of Ulfius */
    struct client_connections *client_connections;
    struct acceptor *door;
};

/* A field that is left out where there is nothing to say. */
static struct log_field log_known(const char *name, const char *text)
{
    return text != NULL && text[0] != '\0' ? log_text(name, text)
                                           : (struct log_field){.name = NULL};
}

static void log_exchange(const struct exchange *exchange, long long duration)
{
    static const char *const results[CACHE_RESULTS] = {NULL, "hit", "miss", "stale"};
    if (!log_is_on(LOG_LEVEL_INFO)) {
        return;
    }
    const char *route = exchange->route != NULL ? exchange->route->path : "";
    char client[ADDRESS_TEXT_SIZE] = "";
    if (exchange->client.known) {
        address_write(&exchange->client.address, client);
    }
    log_event(LOG_LEVEL_INFO, "request", log_text("request_id", exchange->request_id),
              log_text("method", exchange->method), log_text("route", route),
              log_text("path", exchange->path), log_number("status", exchange->reply.status),
              log_number("duration_us", duration), log_number("database_us", exchange->database_us),
              log_known("cache", results[exchange->cache_result]),
              log_text("caller", exchange->caller), log_known("client", client),
              log_known("trace_id", exchange->trace.id),
              log_known("parent_id", exchange->trace.parent));
}

static void count_and_log(const struct exchange *exchange, struct metrics *metrics, long long start)
{
    long long duration = clock_microseconds() - start;
    metrics_request(metrics, exchange->route, exchange->method, exchange->reply.status, duration);
    metrics_cache(metrics, exchange->cache_result);
    log_exchange(exchange, duration);
}

/* Hands the reply to Ulfius, which frees the body. */
static void send_reply(struct exchange *exchange, struct _u_response *response)
{
    struct reply *reply = &exchange->reply;
    response->status = reply->status;
    response->binary_body_length = reply->length;
    if (reply->cached != NULL && reply->length > 0) {
        response->binary_body = memory_allocate(reply->length);
        memcpy(response->binary_body, reply->cached->body, reply->length);
    } else {
        response->binary_body = reply->body;
        reply->body = NULL;
    }
    for (int i = 0; i < reply->header_count; i++) {
        if (reply->status == 304 && !reply_header_goes_with_304(reply->headers[i].name)) {
            continue;
        }
        (void)u_map_put(response->map_header, reply->headers[i].name, reply->headers[i].text);
    }
}

static int answer_request(const struct _u_request *request, struct _u_response *response,
                          void *user_data)
{
    struct server *server = user_data;
    long long start = clock_microseconds();
    struct exchange exchange = {
        .arena = arena_open(),
        .context = server->front.application.context,
        .method = request->http_verb,
        .address = request->http_url,
        .path = request->url_path,
        .query = "",
        .canonical_query = "",
        .request_headers = request->map_header,
        .request_bytes = request->binary_body,
        .request_length = request->binary_body_length,
        .trace = trace_read(u_map_get_case(request->map_header, "traceparent")),
    };
    const struct received *received = (const struct received *)(const void *)request;
    exchange.client = received_client(received, &server->front.application.trust);
    exchange.admission = received->admission;
    exchange.unframed = received->unframed;
    const char *question_mark = strchr(request->http_url, '?');
    if (question_mark != NULL) {
        exchange.query = question_mark + 1;
    }
    exchange.request_id =
        request_id(exchange.arena, u_map_get_case(request->map_header, "X-Request-Id"));
    process_request(&exchange, &server->front.application, server->front.max_body_bytes);
    ready_learn(server->front.ready, &exchange);
    if (atomic_load_explicit(&server->front.draining, memory_order_relaxed)) {
        reply_header(&exchange, "Connection", "close");
    }
    count_and_log(&exchange, server->front.application.metrics, start);
    send_reply(&exchange, response);
    exchange_end(&exchange);
    return U_CALLBACK_COMPLETE;
}

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

/* Raises the soft limit of open files to the hard one, and answers how many connections fit. */
static int connection_limit(const struct server_settings *settings)
{
    int wanted = settings->connection_limit;
    long others = settings->other_files + OWN_FILES + (long)settings->threads * FILES_OF_THREAD;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return wanted > 0 ? wanted : 1024;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    long fits = files.rlim_cur > 1000000 ? 1000000 : (long)files.rlim_cur;
    fits = fits > 2 * others ? fits - others : fits / 2;
    int limit = wanted > 0 && wanted < fits ? wanted : (int)fits;
    log_event(LOG_LEVEL_INFO, "file_limit", log_number("limit", (long long)files.rlim_cur),
              log_number("connection_limit", limit));
    return limit;
}

static bool start_ulfius(struct server *server, const struct server_settings *settings,
                         int most_connections)
{
    static char priorities[] = TLS_PRIORITIES;
    /* libmicrohttpd takes this function as it takes the address of a thing. */
    const union {
        gnutls_certificate_retrieve_function3 *function;
        void *address;
    } present = {.function = client_connections_certificate};
    /* Without TLS the list ends where its options begin. */
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_microhttpd, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)front_request_over, &server->front},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)front_request_begun, &server->front},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)client_connections_notify,
         server->client_connections},
        {MHD_OPTION_THREAD_POOL_SIZE, settings->threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, most_connections, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {settings->tls != NULL ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, present.address},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_NO_LISTEN_SOCKET;
    flags |= settings->tls != NULL ? MHD_USE_TLS : 0;
    return ulfius_start_framework_with_mhd_options(&server->front.ulfius, flags, options) == U_OK &&
           server->front.ulfius_handler != NULL;
}

static void server_free(struct server *server)
{
    ulfius_clean_instance(&server->front.ulfius);
    lru_close(server->front.ready);
    long_poll_free(server->front.waiting);
    client_connections_close(server->client_connections);
    free(server);
}

struct server *server_start(const struct server_settings *settings,
                            const struct application *application)
{
    struct acceptor *door = acceptor_open(settings->address, settings->port);
    if (door == NULL) {
        return NULL;
    }
    struct server *server = memory_allocate(sizeof *server);
    server->door = door;
    server->front.application = *application;
    int most = connection_limit(settings);
    const struct client_connections_settings client_connections = {
        .idle = settings->idle_timeout,
        .request = settings->request_timeout,
        .reply = settings->response_timeout,
        .most_of_client = settings->client_connections,
        .most = most,
        .metrics = application->metrics,
        .trust = &server->front.application.trust,
        .tls = settings->tls};
    server->client_connections = client_connections_open(&client_connections);
    server->front.waiting = long_poll_start(&server->front.application);
    server->front.ready = lru_open(settings->ready_replies, settings->ready_bytes);
    server->front.max_body_bytes = settings->max_body_bytes;
    (void)ulfius_init_instance(&server->front.ulfius, (unsigned)acceptor_port(door), NULL, NULL);
    /* One byte more than the larger of ours: what fills it was cut. What is not UTF-8 must reach us
     * to be named. Forms are not taken. */
    long longest = settings->max_body_bytes > application->max_file_bytes
                       ? settings->max_body_bytes
                       : application->max_file_bytes;
    server->front.ulfius.max_post_body_size = (size_t)longest + 1;
    server->front.ulfius.check_utf8 = 0;
    server->front.ulfius.allowed_post_processor = U_POST_PROCESS_NONE;
    (void)ulfius_set_default_endpoint(&server->front.ulfius, answer_request, server);
    if (!start_ulfius(server, settings, most)) {
        (void)fputs("ets144: the server could not be started.\n", stderr);
        acceptor_close(door);
        long_poll_stop(server->front.waiting);
        server_free(server);
        return NULL;
    }
    acceptor_start(door, server->front.ulfius.mhd_daemon);
    log_event(LOG_LEVEL_INFO, "listening", log_text("address", settings->address),
              log_number("port", server_port(server)), log_number("threads", settings->threads),
              log_text("scheme", settings->tls != NULL ? "https" : "http"));
    return server;
}

int server_port(const struct server *server)
{
    return (int)server->front.ulfius.port;
}

void server_drain(struct server *server)
{
    atomic_store_explicit(&server->front.draining, true, memory_order_relaxed);
}

void server_stop(struct server *server, int grace_seconds)
{
    if (server == NULL) {
        return;
    }
    enum { LOOKS_PER_SECOND = 100 };
    acceptor_close(server->door);
    long_poll_stop(server->front.waiting);
    for (int i = 0; i < grace_seconds * LOOKS_PER_SECOND && atomic_load(&server->front.running) > 0;
         i++) {
        (void)usleep(1000000 / LOOKS_PER_SECOND);
    }
    (void)ulfius_stop_framework(&server->front.ulfius);
    server_free(server);
}
