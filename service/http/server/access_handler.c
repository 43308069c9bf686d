#include "http/server/access_handler.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/syntax.h"
#include "http/cache/cache_control.h"
#include "http/cache/fast_path.h"
#include "http/cache/single_flight.h"
#include "http/handle/access_log.h"
#include "http/handle/process.h"
#include "http/message/request_id.h"
#include "http/request/negotiation.h"
#include "http/request/route.h"
#include "http/server/body_limit.h"
#include "http/server/client_connection.h"
#include "http/server/peer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* All bodies being read may take as much memory as this many files of the maximum size; requests
 * without a token may take half of that. */
enum { FILES_AT_ONCE = 8 };

enum stage {
    STAGE_HEADERS,   /* the headers are read */
    STAGE_HEAD,      /* a handler thread processes the head */
    STAGE_LONG_POLL, /* the client waits for a revision */
    STAGE_BODY,      /* the body is being read */
    STAGE_FOLLOWER,  /* another request renders the same response */
    STAGE_HANDLER,   /* a handler thread processes the request */
    STAGE_RESPOND    /* the response is ready */
};

/* A request under way: the connection's state beside the exchange. */
struct transaction {
    struct job job; /* first: handler threads get its address */
    struct flight flight;
    struct follower follower;
    struct access_handler *handler;
    struct MHD_Connection *connection;
    struct client_connection *client_connection;
    enum stage stage;
    struct prebuilt_response
        *prebuilt;             /* from the fast path, referenced; NULL: there is an exchange */
    bool unchanged;            /* the client has the prebuilt response */
    bool client_left;          /* during the long poll */
    struct exchange *exchange; /* NULL: not begun, or on the fast path */
    void *ulfius;              /* Ulfius' own state of the request */
    size_t allowed;            /* bytes of the body that may still be read */
    size_t capacity;           /* of the buffer below */
    char *body;
    long long started; /* clock_microseconds, when the headers were read */
    char address[];
};

static void transaction_end(struct transaction *transaction)
{
    struct access_handler *handler = transaction->handler;
    ref_put(transaction->prebuilt != NULL ? &transaction->prebuilt->value.ref : NULL);
    if (transaction->exchange != NULL) {
        exchange_end(transaction->exchange);
        free(transaction->exchange);
    }
    (void)atomic_fetch_sub_explicit(&handler->running, 1, memory_order_relaxed);
    (void)atomic_fetch_sub_explicit(&handler->body_bytes, transaction->capacity,
                                    memory_order_relaxed);
    free(transaction->body);
    free(transaction);
}

static void abandon_transaction(void *transaction)
{
    transaction_end(transaction);
}

/* libmicrohttpd was given "/" as the address (request_head.h). */
void *access_handler_begin(void *closure, const char *given, struct MHD_Connection *connection)
{
    (void)given;
    struct access_handler *handler = closure;
    struct client_connection *client = client_connection_of(connection);
    _Static_assert(offsetof(struct transaction, address) == sizeof(struct transaction),
                   "the address follows");
    struct transaction *transaction =
        (void *)request_reader_start(client_connection_reader(client), sizeof *transaction);
    if (transaction == NULL) {
        log_event(LOG_LEVEL_ERROR, "requests_not_read",
                  log_text("error", "libmicrohttpd does not call this program's recv"));
        abort();
    }
    (void)atomic_fetch_add_explicit(&handler->running, 1, memory_order_relaxed);
    transaction->handler = handler;
    transaction->connection = connection;
    transaction->client_connection = client;
    client_connection_request_started(transaction->client_connection, transaction,
                                      abandon_transaction);
    return transaction;
}

void access_handler_end(void *closure, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason)
{
    (void)closure;
    struct transaction *transaction = *state;
    if (transaction == NULL) {
        return;
    }
    client_connection_idle(transaction->client_connection);
    ulfius_bridge_forget(connection, &transaction->ulfius, reason);
    transaction_end(transaction);
    *state = NULL;
}

static enum refusal refusal_of(const struct transaction *transaction)
{
    return request_reader_refusal(client_connection_reader(transaction->client_connection));
}

/* With a rate limit each response carries the client's own RateLimit header, and while the server
 * drains each response closes its connection: prebuilt responses cannot be used then. */
static bool take_fast_path(struct transaction *transaction, const char *method)
{
    struct access_handler *handler = transaction->handler;
    if ((strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) ||
        client_connection_admission(transaction->client_connection) != ADMISSION_GRANTED ||
        refusal_of(transaction) != REFUSAL_NONE || handler->application.rate_limit != NULL ||
        atomic_load_explicit(&handler->draining, memory_order_relaxed)) {
        return false;
    }
    transaction->prebuilt = fast_path_find(&handler->application, transaction->connection,
                                           transaction->address, &transaction->unchanged);
    return transaction->prebuilt != NULL;
}

static void begin_exchange(struct transaction *transaction, const char *method)
{
    struct exchange *exchange = memory_allocate(sizeof *exchange);
    transaction->exchange = exchange;
    const struct application *application = &transaction->handler->application;
    const char *address = transaction->address;
    size_t length = strcspn(address, "?");
    *exchange = (struct exchange){
        .arena = arena_open(),
        .context = application->context,
        .started = transaction->started,
        .method = method,
        .address = address,
        .query = address[length] == '?' ? address + length + 1 : "",
        .canonical_query = "",
        .admission = client_connection_admission(transaction->client_connection),
        .refusal = refusal_of(transaction),
    };
    exchange->path = syntax_canonical_path(exchange->arena, address, length);
    peer_add_headers(transaction->connection, exchange);
    exchange->trace = trace_read(exchange_header(exchange, "traceparent"));
    exchange->request_id = request_id(exchange->arena, exchange_header(exchange, "X-Request-Id"));
    exchange->client = peer_client(transaction->connection, exchange, &application->trust);
}

static struct transaction *transaction_of(struct job *job)
{
    return (struct transaction *)(void *)job;
}

static void run_head(struct job *job)
{
    struct transaction *transaction = transaction_of(job);
    (void)process_head(transaction->exchange, &transaction->handler->application);
    MHD_resume_connection(transaction->connection);
}

static void run_request(struct job *job)
{
    struct transaction *transaction = transaction_of(job);
    const struct application *application = &transaction->handler->application;
    process_request(transaction->exchange, application);
    if (transaction->flight.key != NULL) {
        single_flight_end(response_cache_flights(application->cache), &transaction->flight);
    }
    MHD_resume_connection(transaction->connection);
}

/* Queues work for a handler thread; the connection is suspended until it is done. */
static void submit(struct transaction *transaction, void (*run)(struct job *job), enum stage stage)
{
    transaction->job.run = run;
    transaction->stage = stage;
    if (!handler_pool_submit(transaction->handler->handlers, &transaction->job)) {
        const struct application *application = &transaction->handler->application;
        process_overload(transaction->exchange, application);
        if (transaction->flight.key != NULL) {
            single_flight_end(response_cache_flights(application->cache), &transaction->flight);
        }
        MHD_resume_connection(transaction->connection);
    }
}

static void resume_follower(struct follower *follower)
{
    struct transaction *transaction =
        (struct transaction *)(void *)((char *)follower - offsetof(struct transaction, follower));
    MHD_resume_connection(transaction->connection);
}

/* The request is read: a handler thread processes it, or it follows another request for the same
 * response. */
static void start_handler(struct transaction *transaction)
{
    const struct application *application = &transaction->handler->application;
    MHD_suspend_connection(transaction->connection);
    transaction->flight.key = cache_flight_key(transaction->exchange);
    transaction->follower.resume = resume_follower;
    transaction->stage = STAGE_FOLLOWER;
    if (transaction->flight.key == NULL ||
        single_flight_join(response_cache_flights(application->cache), &transaction->flight,
                           &transaction->follower)) {
        submit(transaction, run_request, STAGE_HANDLER);
    }
}

/* The flight has ended: its request has rendered the response, or failed to. */
static void after_flight(struct transaction *transaction)
{
    transaction->flight.key = NULL;
    if (process_at_once(transaction->exchange, &transaction->handler->application)) {
        transaction->stage = STAGE_RESPOND;
    } else {
        MHD_suspend_connection(transaction->connection);
        submit(transaction, run_request, STAGE_HANDLER);
    }
}

static int seconds_to_wait(const struct exchange *exchange)
{
    return strcmp(exchange->method, "GET") == 0
               ? negotiate_wait(exchange_header(exchange, "Prefer"))
               : 0;
}

/* The client prefers to wait for a revision that it has not seen (Prefer: wait, RFC 7240 §4.3).
 * False: there is a newer revision already, or too many clients wait. */
static bool start_long_poll(struct transaction *transaction)
{
    struct exchange *exchange = transaction->exchange;
    const struct application *application = &transaction->handler->application;
    int seconds = seconds_to_wait(exchange);
    if (seconds == 0 || exchange->route->seen_revision == NULL) {
        return false;
    }
    long long seen = exchange->route->seen_revision(exchange);
    if (seen < 0 || seen != application->newest_revision(application->context)) {
        return false;
    }
    client_connection_response_started(transaction->client_connection);
    transaction->stage = STAGE_LONG_POLL;
    return long_poll_suspend(transaction->handler->long_poll, transaction->connection, seen,
                             seconds, &transaction->client_left);
}

/* The head is processed: a refused request is finished, an accepted request may have a body. */
static void after_head(struct transaction *transaction)
{
    struct exchange *exchange = transaction->exchange;
    const struct application *application = &transaction->handler->application;
    if (exchange->progress == PROGRESS_HEAD_REFUSED) {
        process_request(exchange, application);
    }
    if (exchange->progress == PROGRESS_FINISHED) {
        transaction->stage = STAGE_RESPOND;
    } else if (!start_long_poll(transaction)) {
        transaction->stage = STAGE_BODY;
        transaction->allowed = allowed_body_bytes(exchange, application);
    }
}

static bool sends_body(const struct exchange *exchange)
{
    const char *length = exchange_header(exchange, "Content-Length");
    return exchange_header(exchange, "Transfer-Encoding") != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

/* Reserves memory for so many bytes more of a body. False: all bodies together exceed the limit;
 * transaction_end gives the reservation back in both cases. */
static bool reserve(struct transaction *transaction, size_t bytes)
{
    struct access_handler *handler = transaction->handler;
    size_t limit = (size_t)handler->application.max_file_bytes * FILES_AT_ONCE;
    limit = transaction->exchange->caller.name != NULL ? limit : limit / 2;
    size_t taken = atomic_fetch_add_explicit(&handler->body_bytes, bytes, memory_order_relaxed);
    transaction->capacity += bytes;
    return taken + bytes <= limit;
}

/* False: no memory is left for bodies. */
static bool grow_body(struct transaction *transaction, size_t length)
{
    enum { FIRST_CAPACITY = 4096 };
    size_t capacity = transaction->capacity > 0 ? transaction->capacity : FIRST_CAPACITY;
    while (capacity < length) {
        capacity *= 2;
    }
    if (!reserve(transaction, capacity - transaction->capacity)) {
        return false;
    }
    transaction->body = memory_reallocate(transaction->body, capacity);
    return true;
}

/* Stores a piece of the body as far as it is allowed and discards the rest: a client that reads the
 * response only after it has sent the whole body still gets it. */
static void read_body(struct transaction *transaction, const char *bytes, size_t length)
{
    struct exchange *exchange = transaction->exchange;
    size_t piece = length < transaction->allowed ? length : transaction->allowed;
    transaction->allowed -= piece;
    if (piece == 0) {
        return;
    }
    size_t whole = exchange->request_length + piece;
    if (whole > transaction->capacity && !grow_body(transaction, whole)) {
        transaction->allowed = 0;
        exchange->body_refused = true;
        return;
    }
    memcpy(transaction->body + exchange->request_length, bytes, piece);
    exchange->request_bytes = transaction->body;
    exchange->request_length = whole;
    client_connection_body_received(transaction->client_connection, piece);
}

static enum MHD_Result send_prebuilt(const struct transaction *transaction, const char *method)
{
    const struct prebuilt_response *prebuilt = transaction->prebuilt;
    const struct application *application = &transaction->handler->application;
    struct fast_response response = {
        .route = prebuilt->route,
        .method = method,
        .address = transaction->address,
        .status = transaction->unchanged ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
        .duration_us = clock_microseconds() - transaction->started,
    };
    if (log_is_on(LOG_LEVEL_INFO)) {
        response.client = peer_logged(transaction->connection, &application->trust);
    }
    access_log_fast(&response, application->metrics);
    return MHD_queue_response(transaction->connection, (unsigned)response.status,
                              transaction->unchanged ? prebuilt->unchanged : prebuilt->whole);
}

/* The body of a refused request is read and discarded, so that the connection stays usable. The
 * response is sent before the body if the client waits for "100 Continue". */
static bool responds_before_body(const struct transaction *transaction)
{
    const struct exchange *exchange = transaction->exchange;
    return transaction->stage == STAGE_RESPOND && transaction->prebuilt == NULL &&
           exchange_header(exchange, "Expect") != NULL;
}

static enum MHD_Result respond(struct transaction *transaction, const struct mhd_request *request)
{
    struct access_handler *handler = transaction->handler;
    struct exchange *exchange = transaction->exchange;
    client_connection_response_started(transaction->client_connection);
    if (transaction->prebuilt != NULL) {
        return send_prebuilt(transaction, request->method);
    }
    if (refusal_of(transaction) != REFUSAL_NONE || responds_before_body(transaction)) {
        client_connection_answered_early(transaction->client_connection);
    }
    fast_path_store(handler->application.cache, exchange);
    if ((atomic_load_explicit(&handler->draining, memory_order_relaxed) ||
         refusal_of(transaction) != REFUSAL_NONE) &&
        response_header_find(&exchange->response, "Connection") == NULL) {
        reply_header(exchange, "Connection", "close");
    }
    access_log_exchange(exchange, handler->application.metrics);
    return ulfius_bridge_respond(handler->ulfius, request, exchange, &transaction->ulfius);
}

static void on_headers(struct transaction *transaction, const char *method)
{
    transaction->started = clock_microseconds();
    if (take_fast_path(transaction, method)) {
        transaction->stage = STAGE_RESPOND;
        return;
    }
    begin_exchange(transaction, method);
    struct exchange *exchange = transaction->exchange;
    const struct application *application = &transaction->handler->application;
    bool has_token = exchange_header(exchange, "Authorization") != NULL;
    bool prefers_wait = seconds_to_wait(exchange) > 0;
    if (!has_token) {
        (void)(prefers_wait ? process_head(exchange, application)
                            : process_at_once(exchange, application));
        after_head(transaction);
    } else if (sends_body(exchange) || prefers_wait) {
        MHD_suspend_connection(transaction->connection);
        submit(transaction, run_head, STAGE_HEAD);
    } else {
        transaction->stage = STAGE_BODY;
    }
}

/* True: the response is ready, as the body was not what its framing said. */
static bool on_body_end(struct transaction *transaction)
{
    struct exchange *exchange = transaction->exchange;
    exchange->started = clock_microseconds();
    exchange->refusal = refusal_of(transaction);
    if (exchange->refusal != REFUSAL_NONE) {
        process_refusal(exchange, &transaction->handler->application);
        transaction->stage = STAGE_RESPOND;
        return true;
    }
    client_connection_response_started(transaction->client_connection);
    start_handler(transaction);
    return false;
}

/* libmicrohttpd calls it with the headers, with each piece of the body, at the end, and again after
 * a resume. A response that is queued before the end closes the connection. */
enum MHD_Result access_handler_call(void *closure, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *body, size_t *body_length, void **state)
{
    (void)closure;
    struct transaction *transaction = *state;
    const struct mhd_request request = {connection, url, method, version};
    size_t length = *body_length;
    *body_length = 0;
    switch (transaction->stage) {
    case STAGE_HEADERS:
        on_headers(transaction, method);
        return responds_before_body(transaction) ? respond(transaction, &request) : MHD_YES;
    case STAGE_HEAD:
        after_head(transaction);
        return responds_before_body(transaction) ? respond(transaction, &request) : MHD_YES;
    case STAGE_LONG_POLL:
        transaction->stage = STAGE_BODY;
        return transaction->client_left ? MHD_NO : MHD_YES;
    case STAGE_BODY:
        if (length > 0) {
            read_body(transaction, body, length);
            return MHD_YES;
        }
        return on_body_end(transaction) ? respond(transaction, &request) : MHD_YES;
    case STAGE_FOLLOWER:
        after_flight(transaction);
        return transaction->stage == STAGE_RESPOND ? respond(transaction, &request) : MHD_YES;
    case STAGE_HANDLER:
        return respond(transaction, &request);
    case STAGE_RESPOND:
    default:
        return length > 0 ? MHD_YES : respond(transaction, &request);
    }
}
