/* The response cache: rendered bytes with their headers, each with the revision of the register and
 * the day they were rendered at.
 *
 * One cache has two kinds of key. The canonical key (path, canonical query, language, media type)
 * and a content coding lead to a cached response. The verbatim key, a request as it was spelled,
 * leads to a prebuilt response (fast_path.h) that shares the bytes of the cached one. Both are
 * counted and evicted together (lru.h). Safe for threads. */
#ifndef ETS144_HTTP_CACHE_RESPONSE_CACHE_H
#define ETS144_HTTP_CACHE_RESPONSE_CACHE_H

#include "base/syntax.h"
#include "http/cache/lru.h"
#include "http/message/encoding.h"
#include "http/message/exchange.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What a response follows from, beside the request. */
struct validity {
    long long revision;
    long long day;  /* of UTC, counted from 1970 */
    bool immutable; /* it is about a past moment of knowledge: no revision changes it */
};

/* One representation in one coding. It does not change. */
struct cached_response {
    struct lru_value value;
    char *body;
    size_t length;
    enum encoding encoding;
    char plain_tag[ENTITY_TAG_SIZE]; /* of the bytes without a coding */
    char tag[ENTITY_TAG_SIZE];       /* of these bytes */
    char known_at[SYNTAX_TIME_SIZE]; /* the moment it is for; "": it has none */
    time_t modified;                 /* since when the register says so; 0: not known */
    const char *content_type;        /* static text */
    struct validity validity;
    long long rendered_at; /* clock_milliseconds */
    char *texts;           /* of the headers */
    int header_count;
    struct header headers[]; /* names are static texts */
};

/* The response that a handler made, without a coding; takes the bytes over. known_at: the moment it
 * is for, or NULL. The caller holds it. */
struct cached_response *cached_response_make(struct reply *reply, const char *known_at,
                                             const struct validity *validity);
/* The same response in another coding; NULL: that would not be smaller. The caller holds it. */
struct cached_response *cached_response_encode(const struct cached_response *plain,
                                               enum encoding encoding);
void cached_response_put(struct cached_response *response); /* releases it; NULL is fine */
/* Whether it still answers: revision is the newest known, -1 if nobody can know. */
bool cached_response_is_fresh(const struct cached_response *response, long long revision,
                              long long day);

struct response_cache;

struct response_cache *response_cache_open(size_t max_entries, size_t max_bytes);
void response_cache_close(struct response_cache *cache);

/* The response under the canonical key in this coding, of whatever revision, with a reference for
 * the caller; NULL: there is none. */
struct cached_response *response_cache_get(struct response_cache *cache, const char *key,
                                           enum encoding encoding);
/* Stores a response; it replaces one of the same coding unless that has a later revision. If the
 * bytes are those of the previous revision, its `modified` is kept. */
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
