#include "http/cache/cache_control.h"

#include "base/clock.h"
#include "base/syntax.h"
#include "http/cache/response_cache.h"
#include "http/request/memento.h"
#include "http/request/negotiation.h"
#include "http/request/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECONDS_PER_DAY = 24 * 60 * 60 /* seconds */ };

/* What is newest when an exchange begins. */
struct now {
    long long revision; /* -1: nobody can know */
    long long day;
};

/* Few would ask for the same: what only the caller may see, or what they have waited for. */
static bool is_for_all(const struct exchange *exchange)
{
    return exchange_value(exchange, "internal") == NULL &&
           negotiate_wait(exchange_header(exchange, "Prefer")) == 0;
}

/* A moment that is over: no write that was under way then can still change what was known. A page
 * behind a cursor is read at the moment of a revision. */
static bool is_immutable(const struct exchange *exchange)
{
    const char *asked = exchange_value(exchange, "asked_known_at");
    return exchange_value(exchange, "cursor") != NULL ||
           (asked != NULL && memento_is_over(syntax_seconds(asked)));
}

/* The canonical request: path and question, with the language and the media type. NULL: not to be
 * cache. */
static const char *key_of(struct exchange *exchange)
{
    const char *asked = exchange_value(exchange, "asked_known_at");
    if (!exchange->route->cacheable || !is_for_all(exchange) ||
        (asked != NULL && !is_immutable(exchange))) {
        return NULL;
    }
    const char *const parts[] = {exchange->path,
                                 "?",
                                 exchange->canonical_query,
                                 "\n",
                                 exchange_value(exchange, "lang"),
                                 "\n",
                                 exchange_value(exchange, "media"),
                                 "\n",
                                 asked != NULL ? asked : ""};
    return arena_join(exchange->arena, parts, sizeof parts / sizeof parts[0]);
}

long long clock_utc_day(void)
{
    return (long long)time(NULL) / SECONDS_PER_DAY;
}

/* Whether the response is for this day, if for any. The database has a clock of its own: near
 * midnight it may be in another day already, or still. */
static bool is_of_day(const struct exchange *exchange, long long day)
{
    const char *as_of = exchange_value(exchange, "as_of");
    char text[sizeof "YYYY-MM-DD"];
    const time_t begun = day * SECONDS_PER_DAY;
    struct tm date;
    return exchange_value(exchange, "asked_as_of") != NULL || as_of == NULL ||
           (strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&begun, &date)) > 0 &&
            strcmp(as_of, text) == 0);
}

/* Answers with what is held, which goes with the exchange. */
static void use_cached(struct exchange *exchange, struct cached_response *response)
{
    struct reply *reply = &exchange->reply;
    free(reply->body);
    *reply = (struct reply){.status = 200,
                            .content_type = response->content_type,
                            .length = response->length,
                            .etag = response->tag,
                            .encoding = response->encoding,
                            .modified = response->modified,
                            .cached = response,
                            .header_count = response->header_count};
    /* The moment that was answered, whichever was asked for. */
    exchange_set_value(exchange, "known_at",
                       response->known_at[0] != '\0' ? response->known_at : NULL);
    memcpy(reply->headers, response->headers,
           (size_t)response->header_count * sizeof(struct header));
}

static void set_cache_status(struct exchange *exchange, const char *status)
{
    reply_header(exchange, "Cache-Status", status);
}

/* How the client wants it: the form that stands ready, or one made from the plain bytes and cache
 * for the next. Takes the plain response over. */
static struct cached_response *in_encoding(struct response_cache *cache, const char *key,
                                           struct cached_response *plain, enum encoding wanted)
{
    struct cached_response *encoded = cached_response_encode(plain, wanted);
    if (encoded == NULL) {
        return plain;
    }
    response_cache_put(cache, key, encoded);
    cached_response_put(plain);
    return encoded;
}

/* Keeps what the handler answered, if it is a plain response of this day. The register's revision
 * that it shows is news, too: what was cache before it is no longer fresh. */
static void cache_fill(struct exchange *exchange, const struct application *application,
                       const char *key, const struct now *now)
{
    const char *shown = exchange_value(exchange, "revision");
    const struct validity validity = {
        .revision = shown != NULL ? strtoll(shown, NULL, 10) : now->revision,
        .day = now->day,
        .immutable = is_immutable(exchange),
    };
    if (!validity.immutable) {
        application->observe_revision(exchange->context, validity.revision);
    }
    if ((!validity.immutable && validity.revision < now->revision) ||
        !is_of_day(exchange, now->day)) {
        return;
    }
    struct cached_response *response =
        cached_response_make(&exchange->reply, exchange_value(exchange, "known_at"), &validity);
    response_cache_put(application->cache, key, response);
    use_cached(exchange,
               in_encoding(application->cache, key, response,
                           negotiate_encoding(exchange_header(exchange, "Accept-Encoding"))));
}

/* Asks the handler, and keeps what it answers. */
static void call_handler(struct exchange *exchange, const struct application *application,
                         const char *key, const struct now *now)
{
    exchange->cache_result = CACHE_MISS;
    exchange->route->handler(exchange);
    if (exchange->reply.status == 200 && (now->revision >= 0 || is_immutable(exchange))) {
        cache_fill(exchange, application, key, now);
    }
}

static bool is_fresh(const struct cached_response *response, const struct now *now)
{
    return response != NULL && cached_response_is_fresh(response, now->revision, now->day);
}

/* The cache response in the form wanted, or else in the plain one, whether fresh or not; NULL:
 * none.
 */
static struct cached_response *find(struct response_cache *cache, const char *key,
                                    enum encoding wanted, const struct now *now)
{
    struct cached_response *response = response_cache_get(cache, key, wanted);
    if (is_fresh(response, now) || wanted == ENCODING_IDENTITY) {
        return response;
    }
    struct cached_response *plain = response_cache_get(cache, key, ENCODING_IDENTITY);
    if (plain == NULL || (response != NULL && !is_fresh(plain, now))) {
        cached_response_put(plain);
        return response;
    }
    cached_response_put(response);
    return in_encoding(cache, key, plain, wanted);
}

/* False: nothing fresh is cache; what is, or NULL, is in *stale and held. */
static bool reply_fresh(struct exchange *exchange, struct response_cache *cache, const char *key,
                        const struct now *now, struct cached_response **stale)
{
    enum encoding wanted = negotiate_encoding(exchange_header(exchange, "Accept-Encoding"));
    struct cached_response *response = find(cache, key, wanted, now);
    if (!is_fresh(response, now)) {
        *stale = response;
        return false;
    }
    use_cached(exchange, response);
    set_cache_status(exchange, "ets144; hit");
    exchange->cache_result = CACHE_HIT;
    return true;
}

static bool reply_stale(struct exchange *exchange, const struct application *application,
                        struct cached_response *response)
{
    long long age = (clock_milliseconds() - response->rendered_at) / 1000;
    if (exchange->reply.status != 503 || age > application->stale_if_error) {
        return false;
    }
    use_cached(exchange, response);
    set_cache_status(exchange, "ets144; hit; detail=stale");
    exchange->cache_result = CACHE_STALE;
    reply_header(exchange, "Age", arena_print(exchange->arena, "%lld", age));
    return true;
}

void cache_serve(struct exchange *exchange, const struct application *application)
{
    const char *key = key_of(exchange);
    if (key == NULL) {
        exchange->route->handler(exchange);
        return;
    }
    struct now now = {.revision = application->newest_revision(exchange->context),
                      .day = clock_utc_day()};
    struct cached_response *stale = NULL;
    if (reply_fresh(exchange, application->cache, key, &now, &stale)) {
        return;
    }
    struct flight flight = {.key = key};
    bool mine = flight_begin(application->cache, &flight);
    if (!mine) {
        cached_response_put(stale);
        stale = NULL;
        now.revision = application->newest_revision(exchange->context);
        if (reply_fresh(exchange, application->cache, key, &now, &stale)) {
            return;
        }
    }
    call_handler(exchange, application, key, &now);
    if (mine) {
        flight_end(application->cache, &flight);
    }
    if (stale != NULL && !reply_stale(exchange, application, stale)) {
        cached_response_put(stale);
    }
}
