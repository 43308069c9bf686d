#include "http/cache/response_cache.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/message/entity_tag.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a rendering is waited for, in milliseconds; and how long a key may be. */
enum { FLIGHT_TIMEOUT_MS = 1000, MAX_KEY = 5000 };

struct response_cache {
    struct lru_cache *answers;
    pthread_mutex_t lock;
    struct flight *flights; /* answers that are being rendered */
    pthread_cond_t flight_ended;
};

static void response_destroy(struct ref *ref)
{
    struct cached_response *response = (struct cached_response *)(void *)ref;
    free(response->texts);
    free(response->body);
    free(response);
}

static struct cached_response *response_begin(char *body, size_t length,
                                              const struct header *headers, int header_count)
{
    size_t size = sizeof(struct cached_response) + (size_t)header_count * sizeof(struct header);
    struct cached_response *response = memory_allocate(size);
    response->body = body;
    response->length = length;
    response->rendered_at = clock_milliseconds();
    size_t texts = 0;
    for (int i = 0; i < header_count; i++) {
        texts += strlen(headers[i].text) + 1;
    }
    response->texts = memory_allocate(texts);
    char *at = response->texts;
    for (int i = 0; i < header_count; i++) {
        response->headers[i] = (struct header){.name = headers[i].name, .text = at};
        at = stpcpy(at, headers[i].text) + 1;
    }
    response->header_count = header_count;
    ref_init(&response->ref, size + texts + length, response_destroy);
    return response;
}

struct cached_response *cached_response_make(struct reply *reply, const char *known_at,
                                             const struct validity *validity)
{
    struct cached_response *response =
        response_begin(reply->body, reply->length, reply->headers, reply->header_count);
    reply->body = NULL;
    reply->length = 0;
    response->content_type = reply->content_type;
    (void)snprintf(response->known_at, sizeof response->known_at, "%s",
                   known_at != NULL ? known_at : "");
    response->modified = syntax_seconds(response->known_at);
    response->validity = *validity;
    entity_tag_make(response->body, response->length, response->plain_tag);
    memcpy(response->tag, response->plain_tag, sizeof response->tag);
    return response;
}

struct cached_response *cached_response_encode(const struct cached_response *plain,
                                               enum encoding encoding)
{
    char *encoded = NULL;
    size_t length = 0;
    if (encoding == ENCODING_IDENTITY || plain->length < MIN_ENCODED_BYTES ||
        !encoding_make(encoding, plain->body, plain->length, &encoded, &length)) {
        return NULL;
    }
    struct cached_response *response = response_begin(memory_reallocate(encoded, length), length,
                                                      plain->headers, plain->header_count);
    response->encoding = encoding;
    response->content_type = plain->content_type;
    memcpy(response->known_at, plain->known_at, sizeof response->known_at);
    response->modified = plain->modified;
    response->validity = plain->validity;
    response->rendered_at = plain->rendered_at;
    memcpy(response->plain_tag, plain->plain_tag, sizeof response->plain_tag);
    encoding_tag(encoding, plain->plain_tag, response->tag);
    return response;
}

void cached_response_put(struct cached_response *response)
{
    ref_put(response != NULL ? &response->ref : NULL);
}

bool cached_response_is_fresh(const struct cached_response *response, long long revision,
                              long long day)
{
    const struct validity *validity = &response->validity;
    return validity->day == day &&
           (validity->immutable || (revision >= 0 && validity->revision == revision));
}

struct response_cache *response_cache_open(size_t max_entries, size_t max_bytes)
{
    struct response_cache *cache = memory_allocate(sizeof *cache);
    cache->answers = lru_open(max_entries, max_bytes);
    (void)pthread_mutex_init(&cache->lock, NULL);
    clock_condition(&cache->flight_ended);
    return cache;
}

void response_cache_close(struct response_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    lru_close(cache->answers);
    (void)pthread_cond_destroy(&cache->flight_ended);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* Each coding of an response stands under a text of its own; "" if the key is longer than any that
 * is cache. */
static const char *lru_key(const char *key, enum encoding encoding, char text[MAX_KEY])
{
    int length = snprintf(text, MAX_KEY, "%d\n%s", (int)encoding, key);
    return length < MAX_KEY ? text : "";
}

struct cached_response *response_cache_get(struct response_cache *cache, const char *key,
                                           enum encoding encoding)
{
    char text[MAX_KEY];
    return lru_get(cache->answers, lru_key(key, encoding, text));
}

static bool response_may_replace(const struct ref *present, struct ref *ref)
{
    const struct cached_response *older = (const struct cached_response *)(const void *)present;
    struct cached_response *newer = (struct cached_response *)(void *)ref;
    if (older->validity.revision > newer->validity.revision) {
        return false;
    }
    /* With a revision between, the response may have been another meanwhile. */
    bool next = newer->validity.revision <= older->validity.revision + 1;
    if (next && strcmp(older->tag, newer->tag) == 0) {
        newer->modified = older->modified;
    }
    return true;
}

void response_cache_put(struct response_cache *cache, const char *key,
                        struct cached_response *response)
{
    char text[MAX_KEY];
    if (lru_key(key, response->encoding, text)[0] != '\0') {
        lru_put(cache->answers, text, &response->ref, response_may_replace);
    }
}

static struct flight **flight_of(struct response_cache *cache, const char *key)
{
    struct flight **flight = &cache->flights;
    while (*flight != NULL && strcmp((*flight)->key, key) != 0) {
        flight = &(*flight)->next;
    }
    return flight;
}

bool flight_begin(struct response_cache *cache, struct flight *flight)
{
    struct timespec deadline = clock_after(FLIGHT_TIMEOUT_MS);
    (void)pthread_mutex_lock(&cache->lock);
    bool waited = *flight_of(cache, flight->key) != NULL;
    int late = 0;
    while (late == 0 && *flight_of(cache, flight->key) != NULL) {
        late = pthread_cond_timedwait(&cache->flight_ended, &cache->lock, &deadline);
    }
    bool mine = !waited || late != 0;
    if (mine) {
        flight->next = cache->flights;
        cache->flights = flight;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return mine;
}

void flight_end(struct response_cache *cache, struct flight *flight)
{
    (void)pthread_mutex_lock(&cache->lock);
    struct flight **place = &cache->flights;
    while (*place != flight) {
        place = &(*place)->next;
    }
    *place = flight->next;
    (void)pthread_cond_broadcast(&cache->flight_ended);
    (void)pthread_mutex_unlock(&cache->lock);
}

size_t response_cache_count(struct response_cache *cache)
{
    return lru_count(cache->answers);
}

size_t response_cache_bytes(struct response_cache *cache)
{
    return lru_bytes(cache->answers);
}
