#include "http/cache/fast_path.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/message/entity_tag.h"
#include "http/request/media_type.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes of libmicrohttpd's own structures for a header and for a response, roughly. */
enum { HEADER_COST = 100, RESPONSE_COST = 400 };

/* How a request header affects the response. */
enum header_role {
    HEADER_IRRELEVANT,
    HEADER_BYPASS, /* the request bypasses the fast path */
    HEADER_ACCEPT,
    HEADER_ACCEPT_ENCODING,
    HEADER_ACCEPT_LANGUAGE,
    HEADER_IF_NONE_MATCH,
    HEADER_IF_MODIFIED_SINCE
};

static enum header_role role_of(const char *name, size_t length)
{
    static const struct {
        const char *name;
        size_t length;
        enum header_role role;
    } roles[] = {
#define ROLE(name, role) {name, sizeof(name) - 1, role}
        ROLE("Accept", HEADER_ACCEPT),
        ROLE("Accept-Encoding", HEADER_ACCEPT_ENCODING),
        ROLE("Accept-Language", HEADER_ACCEPT_LANGUAGE),
        ROLE("If-None-Match", HEADER_IF_NONE_MATCH),
        ROLE("If-Modified-Since", HEADER_IF_MODIFIED_SINCE),
        ROLE("Accept-Datetime", HEADER_BYPASS),
        ROLE("Authorization", HEADER_BYPASS),
        ROLE("Content-Length", HEADER_BYPASS),
        ROLE("Expect", HEADER_BYPASS),
        ROLE("If-Match", HEADER_BYPASS),
        ROLE("If-Unmodified-Since", HEADER_BYPASS),
        ROLE("Prefer", HEADER_BYPASS),
        ROLE("Transfer-Encoding", HEADER_BYPASS),
        ROLE("traceparent", HEADER_BYPASS),
        ROLE("X-Request-Id", HEADER_BYPASS),
#undef ROLE
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (roles[i].length == length && strcasecmp(roles[i].name, name) == 0) {
            return roles[i].role;
        }
    }
    return HEADER_IRRELEVANT;
}

bool verbatim_key(const struct verbatim_request *request, char key[MAX_VERBATIM_KEY])
{
    const char *const parts[] = {request->address, request->accept, request->accept_encoding,
                                 request->accept_language};
    char *at = key;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t length = parts[i] != NULL ? strlen(parts[i]) : 0;
        if (length + 3 > (size_t)(key + MAX_VERBATIM_KEY - at)) {
            return false;
        }
        /* An empty header differs from a header that was not sent. */
        *at++ = '\n';
        *at++ = parts[i] != NULL ? '=' : '-';
        memcpy(at, length > 0 ? parts[i] : "", length);
        at += length;
    }
    *at = '\0';
    return true;
}

/* The headers of a request, read once. */
struct header_scan {
    struct verbatim_request request;
    const char *if_none_match;
    const char *if_modified_since;
    bool bypass;
};

static bool is_ascii(const char *text, size_t length)
{
    unsigned char any = 0;
    for (size_t i = 0; i < length; i++) {
        any |= (unsigned char)text[i];
    }
    return any < 0x80;
}

/* A request with a repeated header bypasses the fast path. */
static void set_once(struct header_scan *scan, const char **place, const char *value)
{
    scan->bypass = scan->bypass || *place != NULL;
    *place = value;
}

static void scan_value(struct header_scan *scan, enum header_role role, const char *value)
{
    switch (role) {
    case HEADER_ACCEPT:
        set_once(scan, &scan->request.accept, value);
        break;
    case HEADER_ACCEPT_ENCODING:
        set_once(scan, &scan->request.accept_encoding, value);
        break;
    case HEADER_ACCEPT_LANGUAGE:
        set_once(scan, &scan->request.accept_language, value);
        break;
    case HEADER_IF_NONE_MATCH:
        set_once(scan, &scan->if_none_match, value);
        break;
    case HEADER_IF_MODIFIED_SINCE:
        set_once(scan, &scan->if_modified_since, value);
        break;
    case HEADER_BYPASS:
        scan->bypass = true;
        break;
    case HEADER_IRRELEVANT:
    default:
        break;
    }
}

static enum MHD_Result scan_header(void *closure, enum MHD_ValueKind kind, const char *name,
                                   size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    struct header_scan *scan = closure;
    if (value == NULL || !is_ascii(value, value_length)) {
        scan->bypass = true;
    } else {
        scan_value(scan, role_of(name, name_length), value);
    }
    return scan->bypass ? MHD_NO : MHD_YES;
}

struct prebuilt_response *fast_path_find(const struct application *application,
                                         struct MHD_Connection *connection, const char *address,
                                         bool *unchanged)
{
    struct header_scan scan = {.request = {.address = address}};
    char key[MAX_VERBATIM_KEY];
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, scan_header, &scan);
    if (scan.bypass || !verbatim_key(&scan.request, key)) {
        return NULL;
    }
    struct prebuilt_response *prebuilt = response_cache_get_verbatim(application->cache, key);
    if (prebuilt == NULL) {
        return NULL;
    }
    const struct cached_response *cached = prebuilt->cached;
    if (!cached_response_is_fresh(cached, application->newest_revision(application->context),
                                  clock_utc_day())) {
        ref_put(&prebuilt->value.ref);
        return NULL;
    }
    *unchanged =
        condition_met(scan.if_none_match, scan.if_modified_since, cached->tag, cached->modified);
    return prebuilt;
}

static void prebuilt_destroy(struct ref *ref)
{
    struct prebuilt_response *prebuilt = (struct prebuilt_response *)(void *)ref;
    MHD_destroy_response(prebuilt->whole);
    MHD_destroy_response(prebuilt->unchanged);
    cached_response_put(prebuilt->cached);
    free(prebuilt);
}

static void response_sent(void *cached)
{
    cached_response_put(cached);
}

/* libmicrohttpd may still send the response when the prebuilt one is evicted, so it has a reference
 * of its own to the bytes. As a 304 it has their Content-Length, and libmicrohttpd omits them. */
static struct MHD_Response *response_of(struct cached_response *cached)
{
    return MHD_create_response_from_buffer_with_free_callback_cls(
        cached->length, cached->body, response_sent, ref_get(&cached->value.ref));
}

/* A header that differs from request to request. */
static bool is_of_one_request(const char *name)
{
    return strcmp(name, "X-Request-Id") == 0;
}

/* Adds the headers to both responses, those about the body only to the whole one. Returns the bytes
 * of memory they take. */
static size_t add_headers(struct prebuilt_response *prebuilt, const struct response *response)
{
    size_t size = 0;
    for (int i = 0; i < response->header_count; i++) {
        const struct header *header = &response->headers[i];
        if (is_of_one_request(header->name)) {
            continue;
        }
        (void)MHD_add_response_header(prebuilt->whole, header->name, header->text);
        if (response_header_goes_with_304(header->name)) {
            (void)MHD_add_response_header(prebuilt->unchanged, header->name, header->text);
        }
        size += 2 * (strlen(header->name) + strlen(header->text) + HEADER_COST);
    }
    return size;
}

static struct prebuilt_response *prebuilt_make(const struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    struct prebuilt_response *prebuilt = memory_allocate(sizeof *prebuilt);
    prebuilt->cached = ref_get(response->held);
    prebuilt->route = exchange->route;
    prebuilt->whole = response_of(prebuilt->cached);
    prebuilt->unchanged = response_of(prebuilt->cached);
    prebuilt->value.size =
        sizeof *prebuilt + 2 * (size_t)RESPONSE_COST + add_headers(prebuilt, response);
    prebuilt->value.part = &prebuilt->cached->value;
    ref_init(&prebuilt->value.ref, prebuilt_destroy);
    return prebuilt;
}

static bool has_bypass_header(const struct exchange *exchange)
{
    const struct headers *headers = &exchange->request_headers;
    for (size_t i = 0; i < headers->count; i++) {
        const char *name = headers->items[i].name;
        if (role_of(name, strlen(name)) == HEADER_BYPASS) {
            return true;
        }
    }
    return false;
}

/* Whether the response came fresh from the cache. Exports are excluded: GET has a Content-Digest,
 * HEAD has not. */
static bool is_storable(const struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    return response->held != NULL && (response->status == 200 || response->status == 304) &&
           response_header_find(response, "Age") == NULL &&
           response_header_find(response, "Cache-Status") != NULL &&
           !media_type_is_export(exchange);
}

void fast_path_store(struct response_cache *cache, const struct exchange *exchange)
{
    char key[MAX_VERBATIM_KEY];
    const struct verbatim_request request = {
        .address = exchange->address,
        .accept = exchange_header(exchange, "Accept"),
        .accept_encoding = exchange_header(exchange, "Accept-Encoding"),
        .accept_language = exchange_header(exchange, "Accept-Language"),
    };
    if (is_storable(exchange) && !has_bypass_header(exchange) && verbatim_key(&request, key)) {
        struct prebuilt_response *prebuilt = prebuilt_make(exchange);
        response_cache_put_verbatim(cache, key, &prebuilt->value);
        ref_put(&prebuilt->value.ref);
    }
}
