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
    long long revision; /* -1: nobody can know */
    long long day;
};

/* One exchange's use of the cache. */
struct use {
    struct exchange *exchange;
    const struct application *application;
    const char *key;
    enum encoding encoding; /* wanted by the client */
    struct now now;
};

/* Whether the response is about a past moment of knowledge, which no write that was under way then
 * can change any more. A page behind a cursor is read at the moment of a revision. */
static bool is_immutable(const struct exchange *exchange)
{
    const char *asked = exchange->asked.known_at;
    return exchange_parameter(exchange, "cursor") != NULL ||
           (asked != NULL && memento_is_over(syntax_seconds(asked)));
}

/* The canonical key: path and query in canonical spelling, language, media type, the moment of
 * knowledge, and whether the client waited. NULL: the response is not cached. */
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

static struct use use_of(struct exchange *exchange, const struct application *application)
{
    return (struct use){
        .exchange = exchange,
        .application = application,
        .key = cache_key(exchange),
        .encoding = negotiate_encoding(exchange_header(exchange, "Accept-Encoding")),
        .now = now_of(exchange, application),
    };
}

/* Whether the response is for this day, if for any. The database has its own clock: near midnight
 * it may be in the next day already, or still in the last. */
static bool is_of_day(const struct exchange *exchange, long long day)
{
    char text[CLOCK_DAY_SIZE];
    clock_write_day(day, text);
    return exchange->asked.as_of != NULL || exchange->moment.as_of == NULL ||
           strcmp(exchange->moment.as_of, text) == 0;
}

/* Responds with the cached response, and takes the reference over. */
static void use_cached(struct exchange *exchange, struct cached_response *response)
{
    struct reply *reply = &exchange->reply;
    free(reply->owned);
    *reply = (struct reply){.status = 200,
                            .content_type = response->content_type,
                            .bytes = response->body,
                            .length = response->length,
                            .held = &response->value.ref,
                            .etag = response->tag,
                            .encoding = response->encoding,
                            .modified = response->modified,
                            .header_count = response->header_count};
    /* The moment of the response, not the one that was asked for. */
    exchange->moment.known_at = response->known_at[0] != '\0' ? response->known_at : NULL;
    memcpy(reply->headers, response->headers,
           (size_t)response->header_count * sizeof(struct header));
}

static void set_cache_status(struct exchange *exchange, const char *status)
{
    reply_header(exchange, "Cache-Status", status);
}

/* The response in the coding that the client wants, made of the plain one and stored if need be;
 * takes the plain one over. */
static struct cached_response *in_encoding(const struct use *use, struct cached_response *plain)
{
    struct cached_response *encoded = cached_response_encode(plain, use->encoding);
    if (encoded == NULL) {
        return plain;
    }
    response_cache_put(use->application->cache, use->key, encoded);
    cached_response_put(plain);
    return encoded;
}

/* Stores what the handler responded, if it is of this day. The revision that it shows is news: what
 * was cached before is no longer fresh. */
static void cache_fill(const struct use *use)
{
    struct exchange *exchange = use->exchange;
    const char *shown = exchange->moment.revision;
    const struct validity validity = {
        .revision = shown != NULL ? strtoll(shown, NULL, 10) : use->now.revision,
        .day = use->now.day,
        .immutable = is_immutable(exchange),
    };
    if (!validity.immutable) {
        use->application->observe_revision(exchange->context, validity.revision);
    }
    if ((!validity.immutable && validity.revision < use->now.revision) ||
        !is_of_day(exchange, use->now.day)) {
        return;
    }
    struct cached_response *response =
        cached_response_make(&exchange->reply, exchange->moment.known_at, &validity);
    response_cache_put(use->application->cache, use->key, response);
    use_cached(exchange, in_encoding(use, response));
}

static void call_handler(const struct use *use)
{
    struct exchange *exchange = use->exchange;
    exchange->cache_result = CACHE_MISS;
    exchange->route->handler(exchange);
    if (exchange->reply.status == 200 && (use->now.revision >= 0 || is_immutable(exchange))) {
        cache_fill(use);
    }
}

static bool is_fresh(const struct cached_response *response, const struct now *now)
{
    return response != NULL && cached_response_is_fresh(response, now->revision, now->day);
}

/* The cached response in the coding wanted, or else made of the plain one, whether fresh or not;
 * NULL: there is none. */
static struct cached_response *find(const struct use *use)
{
    struct response_cache *cache = use->application->cache;
    struct cached_response *response = response_cache_get(cache, use->key, use->encoding);
    if (is_fresh(response, &use->now) || use->encoding == ENCODING_IDENTITY) {
        return response;
    }
    struct cached_response *plain = response_cache_get(cache, use->key, ENCODING_IDENTITY);
    if (plain == NULL || (response != NULL && !is_fresh(plain, &use->now))) {
        cached_response_put(plain);
        return response;
    }
    cached_response_put(response);
    return in_encoding(use, plain);
}

/* False: nothing fresh is cached; a stale response, or NULL, is in *stale, with a reference. */
static bool serve_fresh(const struct use *use, struct cached_response **stale)
{
    struct cached_response *response = find(use);
    if (!is_fresh(response, &use->now)) {
        *stale = response;
        return false;
    }
    use_cached(use->exchange, response);
    set_cache_status(use->exchange, "ets144; hit");
    use->exchange->cache_result = CACHE_HIT;
    return true;
}

/* False: the stale response is not used; the reference stays the caller's. */
static bool serve_stale(const struct use *use, struct cached_response *response)
{
    struct exchange *exchange = use->exchange;
    long long age = (clock_milliseconds() - response->rendered_at) / MILLISECONDS_PER_SECOND;
    if (exchange->reply.status != 503 || age > use->application->stale_if_error) {
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
    const struct use use = use_of(exchange, application);
    struct cached_response *stale = NULL;
    bool fresh = use.key != NULL && serve_fresh(&use, &stale);
    cached_response_put(stale);
    return fresh;
}

const char *cache_flight_key(const struct exchange *exchange)
{
    return exchange->progress == PROGRESS_HEAD_ACCEPTED ? cache_key(exchange) : NULL;
}

void cache_serve(struct exchange *exchange, const struct application *application)
{
    const struct use use = use_of(exchange, application);
    if (use.key == NULL) {
        exchange->route->handler(exchange);
        return;
    }
    struct cached_response *stale = NULL;
    if (serve_fresh(&use, &stale)) {
        return;
    }
    call_handler(&use);
    if (stale != NULL && !serve_stale(&use, stale)) {
        cached_response_put(stale);
    }
}
