#include "http/keeping.h"

#include "clock.h"
#include "http/form.h"
#include "http/kept.h"
#include "http/memento.h"
#include "http/negotiation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 24 * 60 * 60 /* seconds */ };

/* What is newest when an exchange begins. */
struct present {
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
static bool is_settled(const struct exchange *exchange)
{
    const char *asked = exchange_value(exchange, "asked_known_at");
    return exchange_value(exchange, "cursor") != NULL ||
           (asked != NULL && memento_is_over(form_seconds(asked)));
}

/* The canonical request: path and question, with the language and the media type. NULL: not to be
 * kept. */
static const char *key_of(struct exchange *exchange)
{
    const char *asked = exchange_value(exchange, "asked_known_at");
    if (!exchange->route->kept || !is_for_all(exchange) ||
        (asked != NULL && !is_settled(exchange))) {
        return NULL;
    }
    const char *const parts[] = {exchange->path,
                                 "?",
                                 exchange->question,
                                 "\n",
                                 exchange_value(exchange, "lang"),
                                 "\n",
                                 exchange_value(exchange, "media"),
                                 "\n",
                                 asked != NULL ? asked : ""};
    return arena_join(exchange->arena, parts, sizeof parts / sizeof parts[0]);
}

long long keeping_day(void)
{
    return (long long)time(NULL) / DAY;
}

/* Whether the answer is for this day, if for any. The database has a clock of its own: near
 * midnight it may be in another day already, or still. */
static bool is_of_day(const struct exchange *exchange, long long day)
{
    const char *as_of = exchange_value(exchange, "as_of");
    char text[sizeof "YYYY-MM-DD"];
    const time_t begun = day * DAY;
    struct tm date;
    return exchange_value(exchange, "asked_as_of") != NULL || as_of == NULL ||
           (strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&begun, &date)) > 0 &&
            strcmp(as_of, text) == 0);
}

/* Answers with what is held, which goes with the exchange. */
static void reply_kept(struct exchange *exchange, struct kept_answer *answer)
{
    struct reply *reply = &exchange->reply;
    free(reply->body);
    *reply = (struct reply){.status = 200,
                            .content_type = answer->content_type,
                            .length = answer->length,
                            .etag = answer->tag,
                            .encoding = answer->encoding,
                            .modified = answer->modified,
                            .kept = answer,
                            .header_count = answer->header_count};
    /* The moment that was answered, whichever was asked for. */
    exchange_set_value(exchange, "known_at", answer->known_at[0] != '\0' ? answer->known_at : NULL);
    memcpy(reply->headers, answer->headers, (size_t)answer->header_count * sizeof(struct header));
}

static void say_kept(struct exchange *exchange, const char *status)
{
    reply_header(exchange, "Cache-Status", status);
}

/* How the client wants it: the form that stands ready, or one made from the plain bytes and kept
 * for the next. Takes the plain answer over. */
static struct kept_answer *in_form(struct kept *kept, const char *key, struct kept_answer *plain,
                                   enum encoding wanted)
{
    struct kept_answer *encoded = kept_answer_encode(plain, wanted);
    if (encoded == NULL) {
        return plain;
    }
    kept_store(kept, key, encoded);
    kept_answer_release(plain);
    return encoded;
}

/* Keeps what the handler answered, if it is a plain answer of this day. The register's revision
 * that it shows is news, too: what was kept before it is no longer fresh. */
static void keep(struct exchange *exchange, const struct application *application, const char *key,
                 const struct present *present)
{
    const char *shown = exchange_value(exchange, "revision");
    const struct basis basis = {
        .revision = shown != NULL ? strtoll(shown, NULL, 10) : present->revision,
        .day = present->day,
        .settled = is_settled(exchange),
    };
    if (!basis.settled) {
        application->saw_revision(exchange->application, basis.revision);
    }
    if ((!basis.settled && basis.revision < present->revision) ||
        !is_of_day(exchange, present->day)) {
        return;
    }
    struct kept_answer *answer =
        kept_answer_make(&exchange->reply, exchange_value(exchange, "known_at"), &basis);
    kept_store(application->kept, key, answer);
    reply_kept(exchange, in_form(application->kept, key, answer,
                                 negotiate_encoding(exchange_header(exchange, "Accept-Encoding"))));
}

/* Asks the handler, and keeps what it answers. */
static void render(struct exchange *exchange, const struct application *application,
                   const char *key, const struct present *present)
{
    exchange->kept = KEPT_MISS;
    exchange->route->answer(exchange);
    if (exchange->reply.status == 200 && (present->revision >= 0 || is_settled(exchange))) {
        keep(exchange, application, key, present);
    }
}

static bool is_fresh(const struct kept_answer *answer, const struct present *present)
{
    return answer != NULL && kept_answer_is_fresh(answer, present->revision, present->day);
}

/* The kept answer in the form wanted, or else in the plain one, whether fresh or not; NULL: none.
 */
static struct kept_answer *find(struct kept *kept, const char *key, enum encoding wanted,
                                const struct present *present)
{
    struct kept_answer *answer = kept_find(kept, key, wanted);
    if (is_fresh(answer, present) || wanted == ENCODING_IDENTITY) {
        return answer;
    }
    struct kept_answer *plain = kept_find(kept, key, ENCODING_IDENTITY);
    if (plain == NULL || (answer != NULL && !is_fresh(plain, present))) {
        kept_answer_release(plain);
        return answer;
    }
    kept_answer_release(answer);
    return in_form(kept, key, plain, wanted);
}

/* False: nothing fresh is kept; what is, or NULL, is in *stale and held. */
static bool reply_fresh(struct exchange *exchange, struct kept *kept, const char *key,
                        const struct present *present, struct kept_answer **stale)
{
    enum encoding wanted = negotiate_encoding(exchange_header(exchange, "Accept-Encoding"));
    struct kept_answer *answer = find(kept, key, wanted, present);
    if (!is_fresh(answer, present)) {
        *stale = answer;
        return false;
    }
    reply_kept(exchange, answer);
    say_kept(exchange, "ets144; hit");
    exchange->kept = KEPT_HIT;
    return true;
}

static bool reply_stale(struct exchange *exchange, const struct application *application,
                        struct kept_answer *answer)
{
    long long age = (clock_milliseconds() - answer->rendered_at) / 1000;
    if (exchange->reply.status != 503 || age > application->stale_limit) {
        return false;
    }
    reply_kept(exchange, answer);
    say_kept(exchange, "ets144; hit; detail=stale");
    exchange->kept = KEPT_STALE;
    reply_header(exchange, "Age", arena_print(exchange->arena, "%lld", age));
    return true;
}

void keeping_answer(struct exchange *exchange, const struct application *application)
{
    const char *key = key_of(exchange);
    if (key == NULL) {
        exchange->route->answer(exchange);
        return;
    }
    struct present present = {.revision = application->newest_revision(exchange->application),
                              .day = keeping_day()};
    struct kept_answer *stale = NULL;
    if (reply_fresh(exchange, application->kept, key, &present, &stale)) {
        return;
    }
    struct kept_turn turn = {.key = key};
    bool mine = kept_begin(application->kept, &turn);
    if (!mine) {
        kept_answer_release(stale);
        stale = NULL;
        present.revision = application->newest_revision(exchange->application);
        if (reply_fresh(exchange, application->kept, key, &present, &stale)) {
            return;
        }
    }
    render(exchange, application, key, &present);
    if (mine) {
        kept_end(application->kept, &turn);
    }
    if (stale != NULL && !reply_stale(exchange, application, stale)) {
        kept_answer_release(stale);
    }
}
