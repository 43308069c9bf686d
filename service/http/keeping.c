#include "http/keeping.h"

#include "http/entity_tag.h"
#include "http/kept.h"

#include <stdlib.h>
#include <string.h>
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
    struct arena *arena = exchange->arena;
    const char *key =
        arena_print(arena, "%s\n%s\n%s\n%lld", exchange->path, exchange_value(exchange, "lang"),
                    exchange_value(exchange, "media"), (long long)(time(NULL) / (24L * 60 * 60)));
    for (const struct parameter *row = exchange->route->parameters;
         row != NULL && row->name != NULL; row++) {
        const char *value = exchange_value(exchange, row->name);
        if (value != NULL) {
            key = arena_print(arena, "%s\n%s=%s", key, row->name, value);
        }
    }
    return key;
}

static void reply_kept(struct exchange *exchange, const struct kept_answer *answer,
                       const char *status)
{
    exchange->reply.header_count = 0;
    reply_bytes(exchange, 200, answer->content_type, answer->body, answer->length);
    exchange->reply.etag = arena_copy_text(exchange->arena, answer->etag);
    reply_header(exchange, "Cache-Status", status);
    reply_header(exchange, "Age", arena_print(exchange->arena, "%ld", answer->age));
}

/* Keeps what the handler answered, if it is a plain answer. The register's revision that it shows
 * is news, too: what was kept before it is no longer fresh. */
static void keep(struct exchange *exchange, const struct application *application, const char *key,
                 long long revision)
{
    struct reply *reply = &exchange->reply;
    const char *shown = exchange_value(exchange, "revision");
    long long seen = shown != NULL ? strtoll(shown, NULL, 10) : revision;
    application->saw_revision(exchange->application, seen);
    if (reply->header_count > 0 || seen < revision) {
        return;
    }
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    entity_tag_make(reply->body, reply->length, tag);
    reply->etag = tag;
    struct kept_answer answer = {.body = reply->body,
                                 .length = reply->length,
                                 .content_type = reply->content_type,
                                 .revision = seen};
    memcpy(answer.etag, tag, ENTITY_TAG_SIZE);
    kept_store(application->kept, key, &answer);
}

void keeping_answer(struct exchange *exchange, const struct application *application)
{
    const char *key = exchange->route->kept ? key_of(exchange) : NULL;
    if (key == NULL) {
        exchange->route->answer(exchange);
        return;
    }
    long long revision = application->newest_revision(exchange->application);
    struct kept_answer answer;
    bool found = kept_find(application->kept, key, &answer);
    if (found && revision >= 0 && answer.revision == revision) {
        reply_kept(exchange, &answer, "ets144; hit");
        return;
    }
    exchange->route->answer(exchange);
    if (exchange->reply.status == 200) {
        if (revision >= 0) {
            keep(exchange, application, key, revision);
        }
    } else if (exchange->reply.status == 503 && found && answer.age <= application->stale_limit) {
        reply_kept(exchange, &answer, "ets144; hit; detail=stale");
        return;
    }
    if (found) {
        free(answer.body);
    }
}
