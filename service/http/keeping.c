#include "http/keeping.h"

#include "http/condition.h"
#include "http/entity_tag.h"
#include "http/form.h"
#include "http/kept.h"
#include "http/negotiation.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The canonical request: the path and every parameter of the route's table that has a value, in
 * the table's order, with the language and media type; and the day, where today is meant. NULL: not
 * to be kept, since few would ask for the same. */
static const char *key_of(struct exchange *exchange)
{
    if (exchange_value(exchange, "cursor") != NULL ||
        exchange_value(exchange, "internal") != NULL ||
        exchange_value(exchange, "known_at") != NULL) {
        return NULL;
    }
    char day[24];
    (void)snprintf(day, sizeof day, "%lld", (long long)(time(NULL) / (24L * 60 * 60)));
    const char *parts[8 + 4 * VALUES_MAX] = {exchange->path,
                                             "\n",
                                             exchange_value(exchange, "lang"),
                                             "\n",
                                             exchange_value(exchange, "media"),
                                             "\n",
                                             day};
    size_t count = 7;
    for (const struct parameter *row = exchange->route->parameters;
         row != NULL && row->name != NULL; row++) {
        const char *value = exchange_value(exchange, row->name);
        if (value != NULL) {
            parts[count++] = "\n";
            parts[count++] = row->name;
            parts[count++] = "=";
            parts[count++] = value;
        }
    }
    return arena_join(exchange->arena, parts, count);
}

static enum encoding wanted_form(const struct exchange *exchange)
{
    return negotiate_encoding(exchange_header(exchange, "Accept-Encoding"));
}

/* Takes the answer's body over as the reply's, in the form the client wants: what is made for this
 * one is kept for the next. */
static void send_form(struct exchange *exchange, const struct application *application,
                      const char *key, struct kept_answer *answer)
{
    enum encoding wanted = wanted_form(exchange);
    char *encoded = NULL;
    size_t length = 0;
    if (answer->encoding != wanted && answer->length >= ENCODING_LEAST &&
        encoding_make(wanted, answer->body, answer->length, &encoded, &length)) {
        free(answer->body);
        answer->body = encoded;
        answer->length = length;
        answer->encoding = wanted;
        kept_add_form(application->kept, key, answer);
    }
    struct reply *reply = &exchange->reply;
    if (reply->body == answer->body) {
        reply->body = NULL;
    }
    reply_bytes(exchange, 200, answer->content_type, answer->body, answer->length);
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    encoding_tag(answer->encoding, answer->etag, tag);
    reply->etag = tag;
    reply->encoding = answer->encoding;
    reply->modified = answer->modified;
}

static void say_kept(struct exchange *exchange, const struct kept_answer *answer,
                     const char *status)
{
    reply_header(exchange, "Cache-Status", status);
    reply_header(exchange, "Age", arena_print(exchange->arena, "%ld", answer->age));
}

/* Most dashboards have the answer already: 304 then, and its bytes are not touched. */
static bool reply_unchanged(struct exchange *exchange, const struct kept_answer *answer)
{
    struct reply *reply = &exchange->reply;
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    encoding_tag(answer->encoding, answer->etag, tag);
    reply->etag = tag;
    reply->modified = answer->modified;
    if (answer->encoding != wanted_form(exchange) || !condition_unchanged(exchange)) {
        reply->etag = NULL;
        reply->modified = 0;
        return false;
    }
    reply->status = 304;
    exchange->kept = KEPT_HIT;
    say_kept(exchange, answer, "ets144; hit");
    return true;
}

static void reply_kept(struct exchange *exchange, const struct application *application,
                       const char *key, struct kept_answer *answer, const char *status)
{
    exchange->reply.header_count = 0;
    send_form(exchange, application, key, answer);
    say_kept(exchange, answer, status);
}

/* Keeps what the handler answered, if it is a plain answer. The register's revision that it shows
 * is news, too: what was kept before it is no longer fresh. */
static void keep(struct exchange *exchange, const struct application *application, const char *key,
                 long long revision)
{
    struct reply *reply = &exchange->reply;
    const char *shown = exchange_value(exchange, "revision");
    const char *known_at = exchange_value(exchange, "known_at");
    long long seen = shown != NULL ? strtoll(shown, NULL, 10) : revision;
    application->saw_revision(exchange->application, seen);
    if (reply->header_count > 0 || seen < revision) {
        return;
    }
    struct kept_answer answer = {.body = reply->body,
                                 .length = reply->length,
                                 .content_type = reply->content_type,
                                 .modified = known_at != NULL ? form_seconds(known_at) : 0,
                                 .revision = seen};
    entity_tag_make(reply->body, reply->length, answer.etag);
    kept_store(application->kept, key, &answer);
    reply->body = NULL;
    send_form(exchange, application, key, &answer);
}

/* Asks the handler, and keeps what it answers. */
static void render(struct exchange *exchange, const struct application *application,
                   const char *key, long long revision)
{
    exchange->route->answer(exchange);
    if (exchange->reply.status == 200 && revision >= 0) {
        keep(exchange, application, key, revision);
    }
}

/* False: nothing fresh is kept; what is, if found, is in *answer. */
static bool reply_fresh(struct exchange *exchange, const struct application *application,
                        const char *key, long long revision, struct kept_answer *answer,
                        bool *found)
{
    if (kept_look(application->kept, key, wanted_form(exchange), answer) && revision >= 0 &&
        answer->revision == revision && reply_unchanged(exchange, answer)) {
        return true;
    }
    *found = kept_find(application->kept, key, wanted_form(exchange), answer);
    if (!*found || revision < 0 || answer->revision != revision) {
        return false;
    }
    exchange->kept = KEPT_HIT;
    reply_kept(exchange, application, key, answer, "ets144; hit");
    return true;
}

void keeping_answer(struct exchange *exchange, const struct application *application)
{
    const char *key = exchange->route->kept ? key_of(exchange) : NULL;
    if (key == NULL) {
        exchange->route->answer(exchange);
        return;
    }
    long long revision = application->newest_revision(exchange->application);
    struct kept_answer answer = {.body = NULL};
    bool found = false;
    if (reply_fresh(exchange, application, key, revision, &answer, &found)) {
        return;
    }
    struct kept_turn turn = {.key = key};
    bool mine = kept_begin(application->kept, &turn);
    if (!mine) {
        free(found ? answer.body : NULL);
        if (reply_fresh(exchange, application, key, revision, &answer, &found)) {
            return;
        }
    }
    exchange->kept = KEPT_MISS;
    render(exchange, application, key, revision);
    if (mine) {
        kept_end(application->kept, &turn);
    }
    if (exchange->reply.status == 503 && found && answer.age <= application->stale_limit) {
        exchange->kept = KEPT_STALE;
        reply_kept(exchange, application, key, &answer, "ets144; hit; detail=stale");
    } else if (found) {
        free(answer.body);
    }
}
