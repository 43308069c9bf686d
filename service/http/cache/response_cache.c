#include "http/cache/response_cache.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/cache/single_flight.h"
#include "http/message/entity_tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEY = 5000 };

struct response_cache {
    struct lru_cache *lru;
    struct single_flight *flights;
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
    response->value.size = size + texts + length;
    ref_init(&response->value.ref, response_destroy);
    return response;
}

struct cached_response *cached_response_make(struct response *response, const char *known_at,
                                             const struct validity *validity)
{
    struct cached_response *cached =
        response_begin(memory_reallocate(response->owned, response->length), response->length,
                       response->headers, response->header_count);
    response->owned = NULL;
    response->bytes = NULL;
    response->length = 0;
    cached->content_type = response->content_type;
    (void)snprintf(cached->known_at, sizeof cached->known_at, "%s",
                   known_at != NULL ? known_at : "");
    cached->modified = syntax_seconds(cached->known_at);
    cached->validity = *validity;
    entity_tag_make(cached->body, cached->length, cached->plain_tag);
    memcpy(cached->tag, cached->plain_tag, sizeof cached->tag);
    return cached;
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
    ref_put(response != NULL ? &response->value.ref : NULL);
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
    cache->lru = lru_open(max_entries, max_bytes);
    cache->flights = single_flight_open();
    return cache;
}

void response_cache_close(struct response_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    lru_close(cache->lru);
    single_flight_close(cache->flights);
    free(cache);
}

/* The LRU cache's key: the coding and the canonical key. False: it is too long to be cached. */
static bool canonical_key(const char *key, enum encoding encoding, char text[MAX_KEY])
{
    return snprintf(text, MAX_KEY, "%d\n%s", (int)encoding, key) < MAX_KEY;
}

struct cached_response *response_cache_get(struct response_cache *cache, const char *key,
                                           enum encoding encoding)
{
    char text[MAX_KEY];
    return canonical_key(key, encoding, text) ? lru_get(cache->lru, text) : NULL;
}

static bool response_may_replace(const struct lru_value *present, struct lru_value *value)
{
    const struct cached_response *older = (const struct cached_response *)(const void *)present;
    struct cached_response *newer = (struct cached_response *)(void *)value;
    if (older->validity.revision > newer->validity.revision) {
        return false;
    }
    /* If there was a revision between them, the bytes may have changed and changed back. */
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
    if (canonical_key(key, response->encoding, text)) {
        lru_put(cache->lru, text, &response->value, response_may_replace);
    }
}

/* A verbatim key begins with a line feed, a canonical one with a digit: they cannot be equal. */
void *response_cache_get_verbatim(struct response_cache *cache, const char *key)
{
    return lru_get(cache->lru, key);
}

void response_cache_put_verbatim(struct response_cache *cache, const char *key,
                                 struct lru_value *prebuilt)
{
    lru_put(cache->lru, key, prebuilt, NULL);
}

size_t response_cache_count(struct response_cache *cache)
{
    return lru_count(cache->lru);
}

size_t response_cache_bytes(struct response_cache *cache)
{
    return lru_bytes(cache->lru);
}

struct single_flight *response_cache_flights(struct response_cache *cache)
{
    return cache->flights;
}
