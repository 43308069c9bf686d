#include "http/request/memento.h"

#include "base/syntax.h"
#include "http/message/problem.h"
#include "http/request/canonical_query.h"
#include "http/request/query.h"
#include "http/request/route.h"

#include <string.h>
#include <time.h>

static bool takes_known_at(const struct exchange *exchange)
{
    for (const struct parameter *row = exchange->route->parameters;
         row != NULL && row->name != NULL; row++) {
        if (strcmp(row->name, "known_at") == 0) {
            return true;
        }
    }
    return false;
}

bool memento_take(struct exchange *exchange)
{
    const char *wanted = exchange_header(exchange, "Accept-Datetime");
    if (!takes_known_at(exchange)) {
        return true;
    }
    const char *asked = exchange_parameter(exchange, "known_at");
    if (wanted != NULL && asked == NULL && exchange_parameter(exchange, "cursor") == NULL) {
        char *canonical = arena_allocate(exchange->arena, SYNTAX_TIME_SIZE);
        if (!syntax_read_http_date(wanted, canonical)) {
            fault_add(exchange, FAULT_HEADER, "Accept-Datetime", NULL,
                      exchange_sentence(exchange, MESSAGE_NOT_AN_HTTP_DATE, wanted, NULL, NULL));
            problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
            return false;
        }
        asked = canonical;
    }
    exchange->asked.known_at = asked;
    return true;
}

/* 2026-11-24 09:30:00.5+00 in the syntax of the parameter: 2026-11-24T09:30:00.5Z. */
static const char *as_parameter(struct arena *arena, const char *moment)
{
    char *text = arena_copy_text(arena, moment);
    char *space = strchr(text, ' ');
    if (space != NULL) {
        *space = 'T';
    }
    char *zone = strchr(text, '+');
    if (zone != NULL) {
        zone[0] = 'Z';
        zone[1] = '\0';
    }
    return text;
}

bool memento_is_over(time_t moment)
{
    enum { MAX_TRANSACTION = 60 };
    return moment + MAX_TRANSACTION < time(NULL);
}

bool memento_is_to_come(time_t moment)
{
    enum { MAX_CLOCK_SKEW = 60 };
    return moment > time(NULL) + MAX_CLOCK_SKEW;
}

/* Neither a write nor a new day changes the response for a past knowledge time and a given day. */
static bool is_immutable(const struct exchange *exchange, time_t asked)
{
    return exchange->asked.as_of != NULL && memento_is_over(asked);
}

void memento_reply(struct exchange *exchange)
{
    const char *asked = exchange->asked.known_at;
    const char *known_at = exchange->moment.known_at;
    if (asked == NULL || known_at == NULL || exchange->response.status >= 400) {
        return;
    }
    char *text = arena_allocate(exchange->arena, SYNTAX_HTTP_DATE_SIZE);
    syntax_write_http_date(syntax_seconds(known_at), text);
    reply_header(exchange, "Memento-Datetime", text);
    static const char *const moment[] = {"known_at", NULL};
    const char *url = canonical_url(exchange, exchange->path, moment);
    reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"original timegate\"", url));
    bool by_header = query_value(exchange, "known_at") == NULL;
    if (by_header) {
        reply_header(exchange, "Content-Location",
                     arena_print(exchange->arena, "%s&known_at=%s", url,
                                 as_parameter(exchange->arena, known_at)));
    } else if (is_immutable(exchange, syntax_seconds(asked))) {
        reply_header(exchange, "Cache-Control", "public, max-age=31536000, immutable");
    }
}
