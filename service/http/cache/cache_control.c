#include "http/cache/cache_control.h"

#include "base/clock.h"
#include "base/syntax.h"
#include "http/cache/response_cache.h"
#include "http/request/media_type.h"
#include "http/request/memento.h"
#include "http/request/negotiation.h"
#include "http/request/route.h"

#include <stdlib.h>
#include <string.h>

/* The newest revision and the day, at one point of an exchange. */
struct now {
    long long revision; /* -1: not known, the listener is disconnected */
    long long day;
};

/* An exchange's lookup in the cache. */
struct lookup {
    struct exchange *exchange;
    const struct application *application;
    const char *key;
    enum encoding encoding; /* negotiated with the client */
    struct now now;
};

/* Whether the response is for a past knowledge time that no write can change any more. A page after
 * the first is read at the revision in its cursor. */
static bool is_immutable(const struct exchange *exchange)
{
    const char *asked = exchange->asked.known_at;
    return exchange_parameter(exchange, "cursor") != NULL ||
           (asked != NULL && memento_is_over(syntax_seconds(asked)));
}

/* The canonical key: canonical path and query, language, media type, knowledge time, and whether
 * the client waited. NULL: the response is not cached. */
static const char *cache_key(const struct exchange *exchange)
{
    const char *asked = exchange->asked.known_at;
    bool waited = negotiate_wait(exchange_header(exchange, "Prefer")) > 0;
    if (!exchange->route->cacheable || exchange->caller.sees_internal ||
        (asked != NULL && !is_immutable(exchange))) {
        return NULL;
    }
    const char *const parts[] = {exchange->path,
                                 "?",
                                 exchange->canonical_query,
                                 "\n",
                                 language_tag(exchange->language),
                                 "\n",
                                 media_type_of(exchange)->media,
                                 "\n",
                                 asked != NULL ? asked : "",
                                 waited ? "\nwait" : ""};
    return arena_join(exchange->arena, parts, sizeof parts / sizeof parts[0]);
}

static struct now now_of(const struct exchange *exchange, const struct application *application)
{
    return (struct now){.revision = application->newest_revision(exchange->context),
                        .day = clock_utc_day()};
}

static struct lookup lookup_of(struct exchange *exchange, const struct application *application)
{
    return (struct lookup){
        .exchange = exchange,
        .application = application,
        .key = cache_key(exchange),
        .encoding = negotiate_encoding(exchange_header(exchange, "Accept-Encoding")),
        .now = now_of(exchange, application),
    };
}

/* Whether a response without as_of is for this day. The database has its own clock: around midnight
 * its day may be another. */
static bool is_of_day(const struct exchange *exchange, long long day)
{
    char text[CLOCK_DAY_SIZE];
    clock_write_day(day, text);
    return exchange->asked.as_of != NULL || exchange->moment.as_of == NULL ||
           strcmp(exchange->moment.as_of, text) == 0;
}

/* Responds with the cached response; takes the reference over. */
static void use_cached(struct exchange *exchange, struct cached_response *cached)
{
    struct response *response = &exchange->response;
    free(response->owned);
    *response = (struct response){.status = 200,
                                  .content_type = cached->content_type,
                                  .bytes = cached->body,
                                  .length = cached->length,
                                  .held = &cached->value.ref,
                                  .etag = cached->tag,
                                  .encoding = cached->encoding,
                                  .modified = cached->modified,
                                  .header_count = cached->header_count};
    /* The knowledge time of the response, not the one requested. */
    exchange->moment.known_at = cached->known_at[0] != '\0' ? cached->known_at : NULL;
    memcpy(response->headers, cached->headers,
           (size_t)cached->header_count * sizeof(struct header));
}

static void set_cache_status(struct exchange *exchange, const char *status)
{
    reply_header(exchange, "Cache-Status", status);
}

/* Encodes the plain response in the negotiated coding and stores the result; returns the plain
 * response if encoding does not make it smaller. Takes the plain response's reference over. */
static struct cached_response *in_encoding(const struct lookup *lookup,
                                           struct cached_response *plain)
{
    struct cached_response *encoded = cached_response_encode(plain, lookup->encoding);
    if (encoded == NULL) {
        return plain;
    }
    response_cache_put(lookup->application->cache, lookup->key, encoded);
    cached_response_put(plain);
    return encoded;
}

/* Stores the handler's response if it is for this day. Its revision may be newer than the newest
 * known, and is reported: responses cached before are no longer fresh then. */
static void cache_fill(const struct lookup *lookup)
{
    struct exchange *exchange = lookup->exchange;
    const char *shown = exchange->moment.revision;
    const struct validity validity = {
        .revision = shown != NULL ? strtoll(shown, NULL, 10) : lookup->now.revision,
        .day = lookup->now.day,
        .immutable = is_immutable(exchange),
    };
    if (!validity.immutable) {
        lookup->application->observe_revision(exchange->context, validity.revision);
    }
    if ((!validity.immutable && validity.revision < lookup->now.revision) ||
        !is_of_day(exchange, lookup->now.day)) {
        return;
    }
    struct cached_response *response =
        cached_response_make(&exchange->response, exchange->moment.known_at, &validity);
    response_cache_put(lookup->application->cache, lookup->key, response);
    use_cached(exchange, in_encoding(lookup, response));
}

static void call_handler(const struct lookup *lookup)
{
    struct exchange *exchange = lookup->exchange;
    exchange->cache_result = CACHE_MISS;
    exchange->route->handler(exchange);
    if (exchange->response.status == 200 && (lookup->now.revision >= 0 || is_immutable(exchange))) {
        cache_fill(lookup);
    }
}

static bool is_fresh(const struct cached_response *response, const struct now *now)
{
    return response != NULL && cached_response_is_fresh(response, now->revision, now->day);
}

/* The cached response in the negotiated coding, fresh or not, encoded from the plain one if need
 * be. NULL: the cache has neither. */
static struct cached_response *find(const struct lookup *lookup)
{
    struct response_cache *cache = lookup->application->cache;
    struct cached_response *response = response_cache_get(cache, lookup->key, lookup->encoding);
    if (is_fresh(response, &lookup->now) || lookup->encoding == ENCODING_IDENTITY) {
        return response;
    }
    struct cached_response *plain = response_cache_get(cache, lookup->key, ENCODING_IDENTITY);
    if (plain == NULL || (response != NULL && !is_fresh(plain, &lookup->now))) {
        cached_response_put(plain);
        return response;
    }
    cached_response_put(response);
    return in_encoding(lookup, plain);
}

/* False: the cache has no fresh response; *stale is a stale one, with a reference, or NULL. */
static bool serve_fresh(const struct lookup *lookup, struct cached_response **stale)
{
    struct cached_response *response = find(lookup);
    if (!is_fresh(response, &lookup->now)) {
        *stale = response;
        return false;
    }
    use_cached(lookup->exchange, response);
    set_cache_status(lookup->exchange, "ets144; hit");
    lookup->exchange->cache_result = CACHE_HIT;
    return true;
}

/* False: the stale response is not used, and the reference is still the caller's. */
static bool serve_stale(const struct lookup *lookup, struct cached_response *response)
{
    struct exchange *exchange = lookup->exchange;
    long long age = (clock_milliseconds() - response->rendered_at) / MILLISECONDS_PER_SECOND;
    if (exchange->response.status != 503 || age > lookup->application->stale_if_error) {
        return false;
    }
    use_cached(exchange, response);
    set_cache_status(exchange, "ets144; hit; detail=stale");
    exchange->cache_result = CACHE_STALE;
    reply_header(exchange, "Age", arena_print(exchange->arena, "%lld", age));
    return true;
}

bool cache_lookup(struct exchange *exchange, const struct application *application)
{
    const struct lookup lookup = lookup_of(exchange, application);
    struct cached_response *stale = NULL;
    bool fresh = lookup.key != NULL && serve_fresh(&lookup, &stale);
    cached_response_put(stale);
    return fresh;
}

const char *cache_flight_key(const struct exchange *exchange)
{
    return exchange->progress == PROGRESS_HEAD_ACCEPTED ? cache_key(exchange) : NULL;
}

void cache_serve(struct exchange *exchange, const struct application *application)
{
    const struct lookup lookup = lookup_of(exchange, application);
    if (lookup.key == NULL) {
        exchange->route->handler(exchange);
        return;
    }
    struct cached_response *stale = NULL;
    if (serve_fresh(&lookup, &stale)) {
        return;
    }
    call_handler(&lookup);
    if (stale != NULL && !serve_stale(&lookup, stale)) {
        cached_response_put(stale);
    }
}
