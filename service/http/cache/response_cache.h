/* Kept answers: the rendered bytes of what was asked, each with the revision of the register and
 * the day it was rendered at. An response is fresh while that is the newest revision known and the
 * day is not over; no revision changes one about a moment that is over. Bounded and safe for
 * threads (lru.h). */
#ifndef ETS144_HTTP_CACHE_RESPONSE_CACHE_H
#define ETS144_HTTP_CACHE_RESPONSE_CACHE_H

#include "base/syntax.h"
#include "http/cache/lru.h"
#include "http/message/encoding.h"
#include "http/message/exchange.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What an response follows from, beside the question. */
struct validity {
    long long revision;
    long long day;  /* of UTC, counted from 1970 */
    bool immutable; /* it is about a moment that is over */
};

/* One representation in one coding. It does not change; who holds it releases it. */
struct cached_response {
    struct ref ref;
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

/* The response that a handler gave, in no coding; takes the reply's body over. known_at: the moment
 * it is for, or NULL. Held by the caller. */
struct cached_response *cached_response_make(struct reply *reply, const char *known_at,
                                             const struct validity *validity);
/* The same response in another coding; NULL: that is not worth it. Held by the caller. */
struct cached_response *cached_response_encode(const struct cached_response *plain,
                                               enum encoding encoding);
void cached_response_put(struct cached_response *response); /* NULL is fine */
/* revision: the newest known; -1: nobody can know. */
bool cached_response_is_fresh(const struct cached_response *response, long long revision,
                              long long day);

struct response_cache; /* the store of cache answers */

struct response_cache *response_cache_open(size_t max_entries, size_t max_bytes);
void response_cache_close(struct response_cache *cache);

/* The response under this key in this coding, whatever its revision, held; NULL: there is none. */
struct cached_response *response_cache_get(struct response_cache *cache, const char *key,
                                           enum encoding encoding);
/* Keeps an response under a key; replaces one of the same coding unless that is of a later
 * revision. If the bytes are those of the revision just before, they have been so since then:
 * `modified` becomes theirs. */
void response_cache_put(struct response_cache *cache, const char *key,
                        struct cached_response *response);

/* One rendering of one response at a time. True: this thread is to render, and calls flight_end.
 * False: another did meanwhile; look again. Waits for a second at most, then renders all the same.
 */
struct flight {
    const char *key;
    struct flight *next;
};
bool flight_begin(struct response_cache *cache, struct flight *flight);
void flight_end(struct response_cache *cache, struct flight *flight);

size_t response_cache_count(struct response_cache *cache);
size_t response_cache_bytes(struct response_cache *cache);

#endif
