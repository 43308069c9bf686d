#include "http/handle/process.h"

#include "base/clock.h"
#include "base/syntax.h"
#include "http/cache/cache_control.h"
#include "http/message/entity_tag.h"
#include "http/message/limits.h"
#include "http/message/problem.h"
#include "http/request/media_type.h"
#include "http/request/memento.h"
#include "http/request/negotiation.h"
#include "http/request/query.h"
#include "http/request/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *number_text(struct exchange *exchange, long number)
{
    return arena_print(exchange->arena, "%ld", number);
}

/* ?lang= overrides Accept-Language. An invalid lang becomes a fault later, in parameters_read. */
static void choose_language(struct exchange *exchange)
{
    const char *wanted = query_value(exchange, "lang");
    if (wanted != NULL && strcmp(wanted, "fr") == 0) {
        exchange->language = LANGUAGE_FRENCH;
    } else if (wanted != NULL && strcmp(wanted, "en") == 0) {
        exchange->language = LANGUAGE_ENGLISH;
    } else {
        exchange->language = negotiate_language(exchange_header(exchange, "Accept-Language"));
    }
}

static bool check_headers(struct exchange *exchange)
{
    const struct headers *headers = &exchange->request_headers;
    for (size_t i = 0; i < headers->count; i++) {
        const struct header *header = &headers->items[i];
        if (!syntax_is_utf8(header->text, strlen(header->text))) {
            const char *what =
                exchange_sentence(exchange, MESSAGE_THE_HEADER, header->name, NULL, NULL);
            fault_add(exchange, FAULT_HEADER, header->name, NULL,
                      exchange_sentence(exchange, MESSAGE_NOT_UTF8, what, NULL, NULL));
        }
    }
    if (fault_found(exchange)) {
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    return true;
}

static bool check_address(struct exchange *exchange)
{
    size_t path_length = strlen(exchange->path);
    size_t query_length = strlen(exchange->query);
    if (path_length + query_length > MAX_URL) {
        problem_reply(exchange, PROBLEM_URL_TOO_LONG,
                      exchange_sentence(exchange, MESSAGE_URL_TOO_LONG,
                                        number_text(exchange, MAX_URL), NULL, NULL));
        return false;
    }
    if (strstr(exchange->address, "%00") != NULL) {
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST,
                      exchange_sentence(exchange, MESSAGE_BAD_ENCODING,
                                        message_text(exchange->language, MESSAGE_THE_ADDRESS), NULL,
                                        NULL));
        return false;
    }
    if (!syntax_is_utf8(exchange->path, path_length) ||
        !syntax_is_utf8(exchange->query, query_length)) {
        const char *what = message_text(exchange->language, MESSAGE_THE_ADDRESS);
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST,
                      exchange_sentence(exchange, MESSAGE_NOT_UTF8, what, NULL, NULL));
        return false;
    }
    return true;
}

/* CORS (Fetch standard): any origin may read, only the service's own may write. */
static void allow_origins(struct exchange *exchange)
{
    reply_header(exchange, "Access-Control-Allow-Origin", "*");
    reply_header(exchange, "Access-Control-Expose-Headers", "*");
}

/* Of the service as a whole. */
static const char all_methods[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

static void respond_options(struct exchange *exchange, const char *allow)
{
    exchange->response.status = 204;
    reply_header(exchange, "Allow", allow);
    reply_header(exchange, "Access-Control-Allow-Methods", "GET, HEAD");
    reply_header(exchange, "Access-Control-Allow-Headers",
                 "Accept, Accept-Datetime, Accept-Language, Authorization, If-None-Match, "
                 "Prefer, X-Request-Id");
    reply_header(exchange, "Access-Control-Max-Age", "86400");
}

static bool find_route(struct exchange *exchange, const struct route *routes)
{
    if (strcmp(exchange->method, "OPTIONS") == 0) {
        const char *allow =
            strcmp(exchange->path, "*") == 0 ? all_methods : route_allow(exchange, routes);
        if (allow != NULL) {
            respond_options(exchange, allow);
            return false;
        }
    }
    switch (route_find(exchange, routes)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_MALFORMED:
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST,
                      exchange_sentence(exchange, MESSAGE_BAD_ENCODING,
                                        message_text(exchange->language, MESSAGE_THE_ADDRESS), NULL,
                                        NULL));
        return false;
    case ROUTE_METHOD_NOT_ALLOWED: {
        const char *allow = route_allow(exchange, routes);
        problem_reply(exchange, PROBLEM_METHOD_NOT_ALLOWED,
                      exchange_sentence(exchange, MESSAGE_ALLOWED, allow, NULL, NULL));
        reply_header(exchange, "Allow", allow);
        return false;
    }
    case ROUTE_NOT_FOUND:
    default:
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      exchange_sentence(exchange, MESSAGE_NO_RESOURCE, exchange->path, NULL, NULL));
        return false;
    }
}

static bool check_parameters(struct exchange *exchange)
{
    parameters_read(exchange, exchange->route->parameters);
    if (fault_found(exchange)) {
        problem_reply(exchange, PROBLEM_INVALID_PARAMETER, NULL);
        return false;
    }
    if (!memento_take(exchange)) {
        return false;
    }
    exchange->asked.as_of = exchange_parameter(exchange, "as_of");
    exchange->moment = exchange->asked;
    return true;
}

/* The connection stores at most one byte beyond the limit (http/server/body_limit.h). */
static bool check_body_size(struct exchange *exchange, const struct application *application)
{
    long limit = route_max_body(exchange->route, application);
    if (exchange->body_refused) {
        problem_reply(exchange, PROBLEM_OVERLOADED, NULL);
        reply_header(exchange, "Retry-After", "1");
        return false;
    }
    if (exchange->request_length <= (size_t)limit) {
        return true;
    }
    problem_reply(exchange, PROBLEM_BODY_TOO_LARGE,
                  exchange_sentence(exchange, MESSAGE_BODY_TOO_LARGE, number_text(exchange, limit),
                                    NULL, NULL));
    return false;
}

/* Bodies are not decoded (RFC 9110 §15.5.16). */
static bool check_coding(struct exchange *exchange)
{
    const char *coding = exchange_header(exchange, "Content-Encoding");
    const struct route *route = exchange->route;
    if (coding == NULL || strcasecmp(coding, "identity") == 0 ||
        (route->fields == NULL && route->takes == NULL)) {
        return true;
    }
    problem_reply(exchange, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                  message_text(exchange->language, MESSAGE_CODING_UNEXPECTED));
    reply_header(exchange, "Accept-Encoding", "identity");
    return false;
}

static bool is_type(const char *content_type, const char *type)
{
    size_t length = strcspn(content_type, "; \t");
    return length == strlen(type) && strncasecmp(content_type, type, length) == 0;
}

/* A PATCH is a merge patch (RFC 7396); its own media type is accepted, too. */
static bool is_json(const struct exchange *exchange, const char *content_type)
{
    return is_type(content_type, "application/json") ||
           (strcmp(exchange->route->method, "PATCH") == 0 &&
            is_type(content_type, "application/merge-patch+json"));
}

/* Whether the charset is UTF-8 or not given (RFC 9110 §8.3.2). */
static bool is_utf8_type(const char *content_type)
{
    const char *charset = strcasestr(content_type, "charset=");
    if (charset == NULL) {
        return true;
    }
    charset += strlen("charset=");
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) == 0 && strchr("\"; \t", charset[5]) != NULL;
}

/* For a route whose handler reads the body: sets exchange->content_type to the type that was sent.
 */
static bool check_type(struct exchange *exchange, const char *content_type)
{
    const char *const *takes = exchange->route->takes;
    for (int i = 0; content_type != NULL && takes[i] != NULL; i++) {
        if (is_type(content_type, takes[i]) && is_utf8_type(content_type)) {
            exchange->content_type = takes[i];
            return true;
        }
    }
    const char *expected = takes[0];
    for (int i = 1; takes[i] != NULL; i++) {
        expected = arena_print(exchange->arena, "%s, %s", expected, takes[i]);
    }
    problem_reply(exchange, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                  exchange_sentence(exchange, MESSAGE_FILE_TYPE_EXPECTED, expected, NULL, NULL));
    return false;
}

static bool read_body(struct exchange *exchange)
{
    const char *content_type = exchange_header(exchange, "Content-Type");
    if (exchange->route->takes != NULL) {
        return check_type(exchange, content_type);
    }
    if (exchange->route->fields == NULL) {
        bool safe = strcmp(exchange->route->method, "GET") == 0;
        if (exchange->request_length > 0 && !safe) {
            problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                          message_text(exchange->language, MESSAGE_BODY_UNEXPECTED));
            return false;
        }
        return true;
    }
    if (exchange->request_length > 0 &&
        (content_type == NULL || !is_json(exchange, content_type))) {
        problem_reply(exchange, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                      message_text(exchange->language, MESSAGE_JSON_EXPECTED));
        return false;
    }
    if (!json_body_parse(exchange, exchange->route->fields)) {
        return false;
    }
    if (exchange->route->check != NULL) {
        exchange->route->check(exchange);
    }
    if (fault_found(exchange)) {
        problem_reply(exchange, PROBLEM_INVALID_FIELD, NULL);
        return false;
    }
    return true;
}

/* The connection was over a limit when it was accepted: it is closed after the response. */
static bool refuse_admission(struct exchange *exchange)
{
    if (exchange->admission == ADMISSION_SERVER_FULL) {
        problem_reply(exchange, PROBLEM_OVERLOADED, NULL);
    } else {
        problem_reply(exchange, PROBLEM_TOO_MANY_REQUESTS,
                      message_text(exchange->language, MESSAGE_TOO_MANY_CONNECTIONS));
    }
    reply_header(exchange, "Retry-After", "1");
    reply_header(exchange, "Connection", "close");
    return false;
}

/* The request is refused by its bytes alone. The next bytes of the connection may still belong to
 * it: the connection is closed after the response. */
static bool refuse(struct exchange *exchange, const struct application *application)
{
    const struct {
        enum problem_type problem;
        enum message message;
        long first;
        long second;
    } rows[REFUSALS] = {
        [REFUSAL_REQUEST_LINE] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_REQUEST_LINE, 0, 0},
        [REFUSAL_VERSION] = {PROBLEM_VERSION_NOT_SUPPORTED, MESSAGE_BAD_VERSION, 0, 0},
        [REFUSAL_TARGET] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_TARGET, 0, 0},
        [REFUSAL_CONNECT] = {PROBLEM_METHOD_NOT_ALLOWED, MESSAGE_NO_TUNNEL, 0, 0},
        [REFUSAL_TARGET_TOO_LONG] = {PROBLEM_URL_TOO_LONG, MESSAGE_URL_TOO_LONG, MAX_URL, 0},
        [REFUSAL_HEADER_LINE] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_HEADER_LINE, 0, 0},
        [REFUSAL_HEADERS_TOO_LARGE] = {PROBLEM_HEADERS_TOO_LARGE, MESSAGE_HEADERS_TOO_LARGE,
                                       MAX_HEADERS, MAX_HEADER_BYTES},
        [REFUSAL_HOST] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_HOST, 0, 0},
        [REFUSAL_LENGTH] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_LENGTH, 0, 0},
        [REFUSAL_LENGTH_TOO_LARGE] = {PROBLEM_BODY_TOO_LARGE, MESSAGE_BODY_TOO_LARGE,
                                      application->max_file_bytes, 0},
        [REFUSAL_FRAMING] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_UNFRAMED, 0, 0},
        [REFUSAL_CHUNK] = {PROBLEM_MALFORMED_REQUEST, MESSAGE_BAD_CHUNK, 0, 0},
    };
    enum refusal refusal = exchange->refusal;
    problem_reply(exchange, rows[refusal].problem,
                  exchange_sentence(exchange, rows[refusal].message,
                                    number_text(exchange, rows[refusal].first),
                                    number_text(exchange, rows[refusal].second), NULL));
    if (refusal == REFUSAL_CONNECT) {
        reply_header(exchange, "Allow", all_methods);
    }
    return false;
}

static bool authorize(struct exchange *exchange, const struct application *application)
{
    const struct route *route = exchange->route;
    return (route->scope == NULL && route->reveals == NULL) || application->authorize(exchange);
}

/* First of all checks, so that a refusal costs little. */
static bool admit(struct exchange *exchange, const struct application *application)
{
    if (exchange->refusal != REFUSAL_NONE) {
        return refuse(exchange, application);
    }
    if (exchange->admission != ADMISSION_GRANTED) {
        return refuse_admission(exchange);
    }
    if (application->rate_limit == NULL || !exchange->client.known) {
        return true;
    }
    exchange->limited =
        rate_limit_take(application->rate_limit, &exchange->client.address, clock_microseconds());
    if (!exchange->limited.granted) {
        problem_reply(exchange, PROBLEM_TOO_MANY_REQUESTS,
                      exchange_sentence(
                          exchange, MESSAGE_QUOTA_USED,
                          number_text(exchange, rate_limit_requests(application->rate_limit)),
                          number_text(exchange, rate_limit_window(application->rate_limit)), NULL));
        reply_header(exchange, "Retry-After", number_text(exchange, exchange->limited.retry));
    }
    return exchange->limited.granted;
}

/* The requests that the client has left (draft-ietf-httpapi-ratelimit-headers). */
static void show_rate_limit(struct exchange *exchange, const struct rate_limit *rate_limit)
{
    if (rate_limit == NULL || !exchange->client.known || exchange->admission != ADMISSION_GRANTED) {
        return;
    }
    reply_header(exchange, "RateLimit-Policy",
                 arena_print(exchange->arena, "\"client\";q=%ld;w=%ld",
                             rate_limit_requests(rate_limit), rate_limit_window(rate_limit)));
    reply_header(exchange, "RateLimit",
                 arena_print(exchange->arena, "\"client\";r=%ld;t=%ld", exchange->limited.left,
                             exchange->limited.reset));
}

/* RFC 9110 §13.2.2: these conditions come first. */
static bool precondition_fails(const struct exchange *exchange)
{
    return precondition_failed(exchange_header(exchange, "If-Match"),
                               exchange_header(exchange, "If-Unmodified-Since"),
                               exchange->response.etag, exchange->response.modified);
}

/* Whether the client has this representation: by If-None-Match or, without that, by
 * If-Modified-Since (RFC 9110 §13.2.2). */
static bool is_unchanged(const struct exchange *exchange)
{
    return condition_met(exchange_header(exchange, "If-None-Match"),
                         exchange_header(exchange, "If-Modified-Since"), exchange->response.etag,
                         exchange->response.modified);
}

/* Sets a strong tag and the time of change; 412 if the client asks for another representation, 304
 * if it has this one. */
static void apply_condition(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    if (response->status != 200 || response->content_type == NULL) {
        return;
    }
    if (response->etag == NULL) {
        char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
        entity_tag_make(response->bytes, response->length, tag);
        response->etag = tag;
    }
    const struct moment *moment = &exchange->moment;
    if (response->held == NULL && response->modified == 0 && moment->known_at != NULL &&
        moment->revision != NULL) {
        response->modified = syntax_seconds(moment->known_at);
    }
    if (precondition_fails(exchange)) {
        problem_reply(exchange, PROBLEM_PRECONDITION_FAILED,
                      message_text(exchange->language, MESSAGE_CONDITION_FAILED));
    } else if (is_unchanged(exchange)) {
        /* The body stays, for its length. It is not sent, nor are the headers about it. */
        response->status = 304;
    }
}

static bool is_safe(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "OPTIONS") == 0;
}

/* The headers about the representation (RFC 9110 §8). */
static void add_representation_headers(struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    if (response->content_type != NULL) {
        reply_header(exchange, "Content-Type", response->content_type);
        reply_header(exchange, "Content-Language", language_tag(exchange->language));
        if (response->encoding != ENCODING_IDENTITY) {
            reply_header(exchange, "Content-Encoding", encoding_name(response->encoding));
        }
    }
    if (response->modified > 0 && response->status < 400) {
        char *modified = arena_allocate(exchange->arena, SYNTAX_HTTP_DATE_SIZE);
        syntax_write_http_date(response->modified, modified);
        reply_header(exchange, "Last-Modified", modified);
    }
    if (response->etag != NULL) {
        reply_header(exchange, "ETag", response->etag);
    }
}

/* Other caches may store a public read, but must revalidate it before each use. */
static void add_cache_headers(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    bool scoped = route != NULL && route->scope != NULL;
    bool reveals = route != NULL && route->reveals != NULL;
    bool public = is_safe(exchange->method) && exchange->response.status < 400 && !scoped &&
                  !exchange->caller.sees_internal;
    if (response_header_find(&exchange->response, "Cache-Control") == NULL) {
        reply_header(exchange, "Cache-Control", public ? "no-cache" : "no-store");
    }
    reply_header(exchange, "Vary",
                 scoped || reveals
                     ? "Accept, Accept-Encoding, Accept-Language, Accept-Datetime, Authorization"
                     : "Accept, Accept-Encoding, Accept-Language, Accept-Datetime");
}

static void complete_response(struct exchange *exchange, const struct application *application)
{
    bool safe = is_safe(exchange->method);
    if (safe && exchange->response.status < 400) {
        apply_condition(exchange);
        memento_reply(exchange);
        media_type_reply(exchange, application);
    }
    if (safe) {
        allow_origins(exchange);
    }
    add_representation_headers(exchange);
    add_cache_headers(exchange);
    reply_header(exchange, "X-Content-Type-Options", "nosniff");
    reply_header(exchange, "X-Request-Id", exchange->request_id);
}

static void finish(struct exchange *exchange, const struct application *application)
{
    complete_response(exchange, application);
    show_rate_limit(exchange, application->rate_limit);
    exchange->progress = PROGRESS_FINISHED;
}

bool process_head(struct exchange *exchange, const struct application *application)
{
    if (exchange->progress == PROGRESS_BEGUN) {
        choose_language(exchange);
        bool accepted = admit(exchange, application) && check_headers(exchange) &&
                        check_address(exchange) && find_route(exchange, application->routes) &&
                        media_type_choose(exchange) && authorize(exchange, application) &&
                        check_coding(exchange) && check_parameters(exchange);
        exchange->progress = accepted ? PROGRESS_HEAD_ACCEPTED : PROGRESS_HEAD_REFUSED;
    }
    return exchange->progress == PROGRESS_HEAD_ACCEPTED;
}

void process_request(struct exchange *exchange, const struct application *application)
{
    if (process_head(exchange, application) && check_body_size(exchange, application) &&
        read_body(exchange)) {
        cache_serve(exchange, application);
    }
    finish(exchange, application);
}

/* For GET only: it has no body to wait for. */
static bool respond_at_once(struct exchange *exchange, const struct application *application)
{
    const struct route *route = exchange->route;
    if (strcmp(route->method, "GET") != 0) {
        return false;
    }
    if (route->inline_handler) {
        route->handler(exchange);
        return true;
    }
    return cache_lookup(exchange, application);
}

bool process_at_once(struct exchange *exchange, const struct application *application)
{
    bool needs_lookup =
        exchange->progress == PROGRESS_BEGUN && exchange_header(exchange, "Authorization") != NULL;
    if (needs_lookup) {
        return false;
    }
    if (process_head(exchange, application) && !respond_at_once(exchange, application)) {
        return false;
    }
    finish(exchange, application);
    return true;
}

void process_refusal(struct exchange *exchange, const struct application *application)
{
    if (exchange->progress == PROGRESS_BEGUN) {
        choose_language(exchange);
    }
    (void)refuse(exchange, application);
    finish(exchange, application);
}

void process_overload(struct exchange *exchange, const struct application *application)
{
    problem_reply(exchange, PROBLEM_OVERLOADED, NULL);
    reply_header(exchange, "Retry-After", "1");
    finish(exchange, application);
}
