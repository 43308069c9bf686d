#include "http/memento.h"

#include "http/form.h"
#include "http/problem.h"
#include "http/route.h"

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
    const char *asked = exchange_value(exchange, "known_at");
    if (wanted != NULL && asked == NULL && exchange_value(exchange, "cursor") == NULL) {
        char *canonical = arena_allocate(exchange->arena, FORM_TIME_SIZE);
        if (!form_read_http_date(wanted, canonical)) {
            fault_add(exchange, FAULT_HEADER, "Accept-Datetime", NULL,
                      message_fill(exchange->arena, exchange->language, MESSAGE_NOT_AN_HTTP_DATE,
                                   wanted, NULL, NULL));
            problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
            return false;
        }
        exchange_set_value(exchange, "known_at", canonical);
        asked = canonical;
    }
    exchange_set_value(exchange, "asked_known_at", asked);
    return true;
}

/* This address without the parameter known_at, or with another value for it. */
static const char *address(struct exchange *exchange, const char *known_at)
{
    const char *made = exchange->path;
    const char *mark = "?";
    for (const char *at = exchange->query; *at != '\0'; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (length > 0 && strncmp(at, "known_at=", 9) != 0) {
            made = arena_print(exchange->arena, "%s%s%.*s", made, mark, (int)length, at);
            mark = "&";
        }
        at += length;
    }
    return known_at == NULL ? made
                            : arena_print(exchange->arena, "%s%sknown_at=%s", made, mark, known_at);
}

/* 2026-11-24 09:30:00.5+00 as it is written in an address: 2026-11-24T09:30:00.5Z. */
static const char *as_parameter(struct arena *arena, const char *moment)
{
    char *text = arena_copy_text(arena, moment);
    text[strcspn(text, " ")] = 'T';
    char *zone = strchr(text, '+');
    if (zone != NULL) {
        zone[0] = 'Z';
        zone[1] = '\0';
    }
    return text;
}

/* What was known at a past moment on a given day will never be answered otherwise. A write that
 * was under way then must have ended first. */
static bool is_settled(const struct exchange *exchange, time_t asked)
{
    enum { LONGEST_WRITE = 60 };
    bool given_day = exchange_value(exchange, "asked_as_of") != NULL;
    return given_day && asked + LONGEST_WRITE < time(NULL);
}

void memento_reply(struct exchange *exchange)
{
    const char *asked = exchange_value(exchange, "asked_known_at");
    const char *known_at = exchange_value(exchange, "known_at");
    if (asked == NULL || known_at == NULL || exchange->reply.status >= 400) {
        return;
    }
    char *text = arena_allocate(exchange->arena, FORM_HTTP_DATE_SIZE);
    form_write_http_date(form_seconds(known_at), text);
    reply_header(exchange, "Memento-Datetime", text);
    reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"original timegate\"",
                                     address(exchange, NULL)));
    bool by_header = parameter_peek(exchange, "known_at") == NULL;
    if (by_header) {
        reply_header(exchange, "Content-Location",
                     address(exchange, as_parameter(exchange->arena, known_at)));
    } else if (is_settled(exchange, form_seconds(asked))) {
        reply_header(exchange, "Cache-Control", "public, max-age=31536000, immutable");
    }
}
