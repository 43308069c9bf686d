#include "http/server/access_handler.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/cache/cache_control.h"
#include "http/cache/fast_path.h"
#include "http/cache/response_cache.h"
#include "http/handle/metrics.h"
#include "http/message/entity_tag.h"
#include "http/message/limits.h"
#include "http/request/negotiation.h"
#include "http/request/route.h"
#include "http/server/body_limit.h"
#include "http/server/client_connection.h"
#include "http/server/long_poll.h"
#include "http/server/ulfius_bridge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All that is being sent at once may have the room of so many of the longest files. */
enum { FILES_AT_ONCE = 8 };

/* A request on its way. Of the two, ready and ulfius, one answers it. */
struct transaction {
    struct access_handler *front;
    struct client_connection *client_connection;
    struct ready_reply *ready; /* held */
    void *ulfius;              /* what Ulfius keeps of it */
    bool unchanged;            /* the client has what is ready */
    bool waited;               /* for news, if it wished to */
    long long begun;           /* clock_microseconds, when its headers were read */
    size_t room;               /* bytes of its body that Ulfius may still have */
    size_t held;               /* those that it has */
    char address[];
};

/* What of its headers decides about the reply. */
struct heard {
    struct spelling spelling;
    const char *if_none_match;
    const char *if_modified_since;
    size_t size;
    int count;
    bool special; /* it is to be read in full */
};

static void visit_end(struct transaction *visit)
{
    ref_put(visit->ready != NULL ? &visit->ready->ref : NULL);
    (void)atomic_fetch_sub_explicit(&visit->front->running, 1, memory_order_relaxed);
    (void)atomic_fetch_sub_explicit(&visit->front->held, visit->held, memory_order_relaxed);
    free(visit);
}

static void forget_visit(void *visit)
{
    visit_end(visit);
}

/* The query is read from the visit's own copy of the address. libmicrohttpd would take it to
 * pieces, too, and if they do not fit into the connection's buffer leave the connection hanging: it
 * finds none. What it tells of is its own buffer, where it is about to cut the address at this
 * mark. */
static void hide_query(const char *address)
{
    char *mark = strchr(address, '?');
    if (mark != NULL) {
        mark[1] = '\0';
    }
}

void *front_request_begun(void *closure, const char *address, struct MHD_Connection *connection)
{
    struct access_handler *front = closure;
    (void)atomic_fetch_add_explicit(&front->running, 1, memory_order_relaxed);
    /* libmicrohttpd will decode the address in its place. */
    size_t length = strlen(address) + 1;
    struct transaction *visit = memory_allocate(sizeof *visit + length);
    memcpy(visit->address, address, length);
    visit->front = front;
    visit->client_connection = client_connection_of(connection);
    client_connection_request_started(visit->client_connection, visit, forget_visit);
    hide_query(address);
    return visit;
}

void front_request_over(void *closure, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason)
{
    (void)closure;
    struct transaction *visit = *state;
    if (visit == NULL) {
        return;
    }
    client_connection_idle(visit->client_connection);
    mhd_request_completed(NULL, connection, &visit->ulfius, reason);
    visit_end(visit);
    *state = NULL;
}

static bool is_ascii(const char *text, size_t length)
{
    unsigned char any = 0;
    for (size_t i = 0; i < length; i++) {
        any |= (unsigned char)text[i];
    }
    return any < 0x80;
}

/* Sets what a header is for; one that stands twice is to be read in full. */
static void hear(struct heard *heard, const char **place, const char *value)
{
    heard->special = heard->special || *place != NULL;
    *place = value;
}

static enum MHD_Result hear_header(void *closure, enum MHD_ValueKind kind, const char *name,
                                   size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    struct heard *heard = closure;
    heard->count++;
    heard->size += name_length + value_length;
    if (value == NULL || !is_ascii(value, value_length) || name_length == 0 ||
        name[name_length - 1] <= ' ') {
        heard->special = true;
        return MHD_NO;
    }
    switch (ready_header_role(name, name_length)) {
    case HEADER_ACCEPT:
        hear(heard, &heard->spelling.accept, value);
        break;
    case HEADER_ACCEPT_ENCODING:
        hear(heard, &heard->spelling.accept_encoding, value);
        break;
    case HEADER_ACCEPT_LANGUAGE:
        hear(heard, &heard->spelling.accept_language, value);
        break;
    case HEADER_IF_NONE_MATCH:
        hear(heard, &heard->if_none_match, value);
        break;
    case HEADER_IF_MODIFIED_SINCE:
        hear(heard, &heard->if_modified_since, value);
        break;
    case HEADER_SPECIAL:
        heard->special = true;
        break;
    case HEADER_WITHOUT_SAY:
    default:
        break;
    }
    return heard->special ? MHD_NO : MHD_YES;
}

/* The reply that is ready for the request, held, if it is still what the register says. */
static struct ready_reply *find_ready(const struct access_handler *front, const struct heard *heard)
{
    char text[MAX_VERBATIM_KEY];
    if (heard->special || heard->count > MAX_HEADERS || heard->size > MAX_HEADER_BYTES ||
        !spelling_write(&heard->spelling, text)) {
        return NULL;
    }
    struct ready_reply *ready = lru_get(front->ready, text);
    if (ready == NULL) {
        return NULL;
    }
    const struct application *application = &front->application;
    if (!cached_response_is_fresh(ready->answer, application->newest_revision(application->context),
                                  clock_utc_day())) {
        ref_put(&ready->ref);
        return NULL;
    }
    return ready;
}

/* Finds what is ready for a request whose headers are read; false: nothing is. Where each client
 * has a quota, its answers tell of it, and none is ready; nor is any of a server that leaves. */
static bool prepare(const struct access_handler *front, struct transaction *visit,
                    struct MHD_Connection *connection, const char *method)
{
    if ((strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) ||
        client_connection_admission(visit->client_connection) != ADMISSION_GRANTED ||
        front->application.rate_limit != NULL ||
        atomic_load_explicit(&front->draining, memory_order_relaxed)) {
        return false;
    }
    visit->begun = clock_microseconds();
    struct heard heard = {.spelling = {.address = visit->address}};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, hear_header, &heard);
    visit->ready = find_ready(front, &heard);
    if (visit->ready == NULL) {
        return false;
    }
    const struct cached_response *answer = visit->ready->answer;
    visit->unchanged =
        condition_met(heard.if_none_match, heard.if_modified_since, answer->tag, answer->modified);
    return true;
}

static void log_visit(const struct transaction *visit, struct MHD_Connection *connection,
                      const char *method, int status, long long duration,
                      const struct proxy_trust *trust)
{
    if (!log_is_on(LOG_LEVEL_INFO)) {
        return;
    }
    char path[MAX_VERBATIM_KEY];
    size_t length = strcspn(visit->address, "?");
    memcpy(path, visit->address, length);
    path[length] = '\0';
    const struct client client = received_from(connection, trust);
    char address[ADDRESS_TEXT_SIZE] = "";
    if (client.known) {
        address_write(&client.address, address);
    }
    log_event(LOG_LEVEL_INFO, "request", log_text("method", method),
              log_text("route", visit->ready->route->path), log_text("path", path),
              log_number("status", status), log_number("duration_us", duration),
              log_text("cache", "fast"), log_text("client", address));
}

static enum MHD_Result send_ready(const struct access_handler *front,
                                  const struct transaction *visit,
                                  struct MHD_Connection *connection, const char *method)
{
    const struct ready_reply *ready = visit->ready;
    int status = visit->unchanged ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
    long long duration = clock_microseconds() - visit->begun;
    struct metrics *metrics = front->application.metrics;
    metrics_request(metrics, ready->route, method, status, duration);
    metrics_cache(metrics, CACHE_HIT);
    log_visit(visit, connection, method, status, duration, &front->application.trust);
    return MHD_queue_response(connection, (unsigned)status,
                              visit->unchanged ? ready->unchanged : ready->whole);
}

/* Holds a request that would rather wait for news than hear that there are none. */
static bool wait_for_news(const struct access_handler *front, struct transaction *visit,
                          struct MHD_Connection *connection, const char *method)
{
    if (visit->waited || strcmp(method, "GET") != 0) {
        return false;
    }
    visit->waited = true;
    int seconds =
        negotiate_wait(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Prefer"));
    const struct application *application = &front->application;
    long long revision = seconds > 0 ? application->stands_at(visit->address) : -1;
    if (revision < 0 || revision != application->newest_revision(application->context)) {
        return false;
    }
    client_connection_response_started(visit->client_connection);
    return long_poll_suspend(front->waiting, connection, revision, seconds);
}

/* Whether there is room for so many bytes more of all that is being sent. */
static bool reserve(struct access_handler *front, struct transaction *visit, size_t bytes)
{
    size_t most = (size_t)front->application.max_file_bytes * FILES_AT_ONCE;
    size_t held = atomic_fetch_add_explicit(&front->held, bytes, memory_order_relaxed);
    visit->held += bytes;
    return held + bytes <= most;
}

/* Hands a piece of a body on, as far as there is room; the rest is read and forgotten, so that the
 * client hears the answer. */
static enum MHD_Result take_body(struct access_handler *front, struct transaction *visit,
                                 struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *body,
                                 size_t *body_length)
{
    size_t piece = *body_length < visit->room ? *body_length : visit->room;
    *body_length = 0;
    visit->room -= piece;
    if (piece == 0) {
        return MHD_YES;
    }
    if (!reserve(front, visit, piece)) {
        visit->room = 0;
        received_crowded(visit->ulfius);
        return MHD_YES;
    }
    client_connection_body_received(visit->client_connection, piece);
    return front->ulfius_handler(&front->ulfius, connection, url, method, version, body, &piece,
                                 &visit->ulfius);
}

/* Answers before anything more is read: Ulfius takes the second call for the end of the request. */
static enum MHD_Result refuse_unframed(struct access_handler *front, struct transaction *visit,
                                       struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version)
{
    enum MHD_Result result = MHD_YES;
    received_unframed(visit->ulfius);
    client_connection_response_started(visit->client_connection);
    for (int call = 0; call < 2 && result == MHD_YES; call++) {
        size_t none = 0;
        result = front->ulfius_handler(&front->ulfius, connection, url, method, version, NULL,
                                       &none, &visit->ulfius);
    }
    return result;
}

/* libmicrohttpd calls this when the headers are read, for each piece of a body, and at the end:
 * only then may a reply go out without the connection being closed. */
static enum MHD_Result see(void *closure, struct MHD_Connection *connection, const char *url,
                           const char *method, const char *version, const char *body,
                           size_t *body_length, void **state)
{
    struct access_handler *front = closure;
    struct transaction *visit = *state;
    if (*body_length > 0 && visit->ulfius != NULL) {
        return take_body(front, visit, connection, url, method, version, body, body_length);
    }
    if (visit->ready != NULL || visit->ulfius != NULL) {
        client_connection_response_started(visit->client_connection);
    }
    if (visit->ready != NULL) {
        return send_ready(front, visit, connection, method);
    }
    if (visit->ulfius == NULL) {
        if (prepare(front, visit, connection, method) ||
            wait_for_news(front, visit, connection, method)) {
            return MHD_YES;
        }
        visit->ulfius = received_begin(visit->address, connection,
                                       client_connection_admission(visit->client_connection));
        if (visit->ulfius != NULL && !intake_is_framed(connection)) {
            return refuse_unframed(front, visit, connection, url, method, version);
        }
        visit->room = intake_room(&front->application, front->max_body_bytes, visit->address,
                                  connection, method);
    }
    return front->ulfius_handler(&front->ulfius, connection, url, method, version, body,
                                 body_length, &visit->ulfius);
}

/* Stands in for the library's function of this name: see front.h. */
struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port,
                                    MHD_AcceptPolicyCallback accept, void *accept_closure,
                                    MHD_AccessHandlerCallback handler, void *instance, ...)
{
    struct access_handler *front = instance;
    front->ulfius_handler = handler;
    va_list options;
    va_start(options, instance);
    struct MHD_Daemon *daemon =
        MHD_start_daemon_va(flags, port, accept, accept_closure, see, front, options);
    va_end(options);
    return daemon;
}
