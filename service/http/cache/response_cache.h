/* The response cache: rendered bodies with their headers, each with the revision and the day it is
 * valid for.
 *
 * The cache has two kinds of key. The canonical key (path, canonical query, language, media type)
 * and a content coding lead to a cached response. The verbatim key (the request as sent) leads to a
 * prebuilt response (fast_path.h), which shares the bytes of a cached response. Both kinds of entry
 * are counted and evicted together (lru.h). Safe for threads. */
#ifndef ETS144_HTTP_CACHE_RESPONSE_CACHE_H
#define ETS144_HTTP_CACHE_RESPONSE_CACHE_H

#include "base/syntax.h"
#include "http/cache/lru.h"
#include "http/message/encoding.h"
#include "http/message/exchange.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What a cached response is valid for. */
struct validity {
    long long revision;
    long long day;  /* of UTC, counted from 1970 */
    bool immutable; /* for a past knowledge time: no revision changes it */
};

/* A representation in one coding; immutable. */
struct cached_response {
    struct lru_value value;
    char *body;
    size_t length;
    enum encoding encoding;
    char plain_tag[ENTITY_TAG_SIZE]; /* of the bytes without a coding */
    char tag[ENTITY_TAG_SIZE];       /* of these bytes */
    char known_at[SYNTAX_TIME_SIZE]; /* its knowledge time; "": none */
    time_t modified;                 /* since when the register says so; 0: not known */
    const char *content_type;        /* static text */
    struct validity validity;
    long long rendered_at; /* clock_milliseconds */
    char *texts;           /* of the headers */
    int header_count;
    struct header headers[]; /* names are static texts */
};

/* Makes a cached response, without a coding, of a handler's response, and takes its bytes over.
 * known_at: its knowledge time, or NULL. The caller has a reference. */
struct cached_response *cached_response_make(struct response *response, const char *known_at,
                                             const struct validity *validity);
/* The same response in another coding, with a reference for the caller; NULL: it would not be
 * smaller. */
struct cached_response *cached_response_encode(const struct cached_response *plain,
                                               enum encoding encoding);
void cached_response_put(struct cached_response *response); /* ends a reference; NULL is fine */
/* revision: the newest known, -1 if it is not known. day: today, as in struct validity. */
bool cached_response_is_fresh(const struct cached_response *response, long long revision,
                              long long day);

struct response_cache;

struct response_cache *response_cache_open(size_t max_entries, size_t max_bytes);
void response_cache_close(struct response_cache *cache);

/* The response under the canonical key in this coding, fresh or not, with a reference for the
 * caller; NULL: not found. */
struct cached_response *response_cache_get(struct response_cache *cache, const char *key,
                                           enum encoding encoding);
/* Stores a response; an entry of the same key and coding is replaced unless its revision is later.
 * If the previous revision had the same bytes, its `modified` is kept. */
void response_cache_put(struct response_cache *cache, const char *key,
                        struct cached_response *response);

/* The same for a prebuilt response under the verbatim key. */
void *response_cache_get_verbatim(struct response_cache *cache, const char *key);
void response_cache_put_verbatim(struct response_cache *cache, const char *key,
                                 struct lru_value *prebuilt);

size_t response_cache_count(struct response_cache *cache);
size_t response_cache_bytes(struct response_cache *cache);

/* The single flight of the cache's responses. */
struct single_flight *response_cache_flights(struct response_cache *cache);

#endif
