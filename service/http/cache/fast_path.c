#include "http/cache/fast_path.h"

#include "base/memory.h"
#include "http/cache/response_cache.h"
#include "http/request/media_type.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What libmicrohttpd keeps beside a header's own text, roughly; for the count of bytes. */
enum { HEADER_COST = 100, RESPONSE_COST = 400 };

bool spelling_write(const struct spelling *spelling, char text[MAX_VERBATIM_KEY])
{
    const char *const parts[] = {spelling->address, spelling->accept, spelling->accept_encoding,
                                 spelling->accept_language};
    char *at = text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t length = parts[i] != NULL ? strlen(parts[i]) : 0;
        if (length + 3 > (size_t)(text + MAX_VERBATIM_KEY - at)) {
            return false;
        }
        /* A header that is empty is another thing than none. */
        *at++ = '\n';
        *at++ = parts[i] != NULL ? '=' : '-';
        memcpy(at, length > 0 ? parts[i] : "", length);
        at += length;
    }
    *at = '\0';
    return true;
}

static void reply_destroy(struct ref *thing)
{
    struct ready_reply *reply = (struct ready_reply *)(void *)thing;
    MHD_destroy_response(reply->whole);
    MHD_destroy_response(reply->unchanged);
    cached_response_put(reply->answer);
    free(reply);
}

static void answer_sent(void *answer)
{
    cached_response_put(answer);
}

/* A response holds the answer by itself: it may still be on its way when all else of it is gone.
 * One that is sent as 304 tells the length of the bytes, and libmicrohttpd leaves them out. */
static struct MHD_Response *response_of(struct cached_response *answer)
{
    return MHD_create_response_from_buffer_with_free_callback_cls(
        answer->length, answer->body, answer_sent, ref_get(&answer->ref));
}

/* Those that the next request would get another of. */
static bool is_of_one_request(const char *name)
{
    return strcmp(name, "X-Request-Id") == 0;
}

/* Adds the reply's headers to both; what tells of bytes only to the one that has them. */
static size_t add_headers(struct ready_reply *ready, const struct reply *reply)
{
    size_t size = 0;
    for (int i = 0; i < reply->header_count; i++) {
        const struct header *header = &reply->headers[i];
        if (is_of_one_request(header->name)) {
            continue;
        }
        (void)MHD_add_response_header(ready->whole, header->name, header->text);
        if (reply_header_goes_with_304(header->name)) {
            (void)MHD_add_response_header(ready->unchanged, header->name, header->text);
        }
        size += 2 * (strlen(header->name) + strlen(header->text) + HEADER_COST);
    }
    return size;
}

static struct ready_reply *reply_make(const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct ready_reply *ready = memory_allocate(sizeof *ready);
    ready->answer = ref_get(&reply->cached->ref);
    ready->route = exchange->route;
    ready->whole = response_of(ready->answer);
    ready->unchanged = response_of(ready->answer);
    size_t size = sizeof *ready + 2 * (size_t)RESPONSE_COST + add_headers(ready, reply);
    /* The bytes are counted again, though they are the kept answer's: they may outlive it here. */
    ref_init(&ready->ref, size + ready->answer->length, reply_destroy);
    return ready;
}

enum header_role ready_header_role(const char *name, size_t length)
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
        ROLE("Accept-Datetime", HEADER_SPECIAL),
        ROLE("Authorization", HEADER_SPECIAL),
        ROLE("Content-Length", HEADER_SPECIAL),
        ROLE("Expect", HEADER_SPECIAL),
        ROLE("If-Match", HEADER_SPECIAL),
        ROLE("Prefer", HEADER_SPECIAL),
        ROLE("Transfer-Encoding", HEADER_SPECIAL),
        ROLE("traceparent", HEADER_SPECIAL),
        ROLE("X-Request-Id", HEADER_SPECIAL),
#undef ROLE
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (roles[i].length == length && strcasecmp(roles[i].name, name) == 0) {
            return roles[i].role;
        }
    }
    return HEADER_WITHOUT_SAY;
}

static bool is_special(const struct exchange *exchange)
{
    const struct _u_map *headers = exchange->request_headers;
    for (int i = 0; i < headers->nb_values; i++) {
        if (ready_header_role(headers->keys[i], strlen(headers->keys[i])) == HEADER_SPECIAL) {
            return true;
        }
    }
    return false;
}

static bool always(const struct ref *present, struct ref *thing)
{
    (void)present;
    (void)thing;
    return true;
}

void ready_learn(struct lru_cache *ready, const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    /* An export has the digest of what is sent, which HEAD does not send. */
    bool fresh = reply->cached != NULL && (reply->status == 200 || reply->status == 304) &&
                 reply_header_find(reply, "Age") == NULL && !media_type_is_export(exchange);
    char text[MAX_VERBATIM_KEY];
    const struct spelling spelling = {
        .address = exchange->address,
        .accept = exchange_header(exchange, "Accept"),
        .accept_encoding = exchange_header(exchange, "Accept-Encoding"),
        .accept_language = exchange_header(exchange, "Accept-Language"),
    };
    if (fresh && reply_header_find(reply, "Cache-Status") != NULL && !is_special(exchange) &&
        spelling_write(&spelling, text)) {
        struct ready_reply *made = reply_make(exchange);
        lru_put(ready, text, &made->ref, always);
        ref_put(&made->ref);
    }
}
