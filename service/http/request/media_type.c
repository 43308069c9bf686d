#include "http/request/media_type.h"

#include "base/syntax.h"
#include "http/message/problem.h"
#include "http/request/negotiation.h"
#include "http/request/query.h"
#include "http/request/route.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <orcania.h>
#include <string.h>
#include <time.h>

static const struct media_type media_types[] = {
    {"application/json", "json", "application/json", NULL, false},
    {"text/csv", "csv", "text/csv; charset=utf-8; header=present", "csv", true},
    {"application/x-ndjson", "ndjson", "application/x-ndjson", "ndjson", true},
    {"application/ld+json", "jsonld", "application/ld+json", NULL, false},
    {"application/csvm+json", "csvm", "application/csvm+json", NULL, false},
    {"text/html", "html", "text/html; charset=utf-8", NULL, false},
};
enum { MEDIA_COUNT = sizeof media_types / sizeof media_types[0] };

static const char *const json_only[] = {"application/json", NULL};
const char *const media_type_list_media[] = {"application/json", "text/csv", "application/x-ndjson",
                                             "application/ld+json", NULL};
const char *const media_type_table_media[] = {"application/json", "text/csv",
                                              "application/x-ndjson", NULL};
const char *const media_type_item_media[] = {"application/json", "application/ld+json", NULL};

static const char *const *offered_by(const struct route *route)
{
    return route->media != NULL ? route->media : json_only;
}

/* NULL: the table does not have it. */
static const struct media_type *find_media(const char *media)
{
    for (size_t i = 0; i < MEDIA_COUNT; i++) {
        if (strcmp(media_types[i].media, media) == 0) {
            return &media_types[i];
        }
    }
    return NULL;
}

const char *const *media_type_names(struct exchange *exchange)
{
    const char *const *media = exchange->route->media;
    if (media == NULL || media[1] == NULL) {
        return NULL;
    }
    const char **names = arena_allocate(exchange->arena, (MEDIA_COUNT + 1) * sizeof *names);
    for (int i = 0; media[i] != NULL; i++) {
        const struct media_type *type = find_media(media[i]);
        if (type == NULL) {
            return NULL;
        }
        names[i] = type->name;
    }
    return names;
}

/* The media type that ?format= names; NULL: it is not given. For an unknown name, which becomes a
 * fault in parameters_read, the default. */
static const char *requested_by_name(struct exchange *exchange)
{
    const char *const *names = media_type_names(exchange);
    const char *asked = names != NULL ? query_value(exchange, "format") : NULL;
    if (asked == NULL) {
        return NULL;
    }
    const char *const *media = exchange->route->media;
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], asked) == 0) {
            return media[i];
        }
    }
    return media[0];
}

bool media_type_choose(struct exchange *exchange)
{
    const char *const *media = offered_by(exchange->route);
    const char *requested = requested_by_name(exchange);
    int chosen =
        requested != NULL ? 0 : negotiate_media(exchange_header(exchange, "Accept"), media);
    if (chosen >= 0) {
        exchange->media_type = find_media(requested != NULL ? requested : media[chosen]);
        return true;
    }
    const char *offered = media[0];
    for (int i = 1; media[i] != NULL; i++) {
        offered = arena_print(exchange->arena, "%s, %s", offered, media[i]);
    }
    problem_reply(exchange, PROBLEM_NOT_ACCEPTABLE,
                  exchange_sentence(exchange, MESSAGE_OFFERED, offered, NULL, NULL));
    return false;
}

const struct media_type *media_type_of(const struct exchange *exchange)
{
    return exchange->media_type != NULL ? exchange->media_type : &media_types[0];
}

bool media_type_is(const struct exchange *exchange, const char *name)
{
    return strcmp(media_type_of(exchange)->name, name) == 0;
}

const char *media_type_address(const struct exchange *exchange)
{
    const struct media_type *chosen = exchange->media_type;
    const char *const *offered = exchange->route != NULL ? exchange->route->media : NULL;
    if (chosen == NULL || offered == NULL || offered[1] == NULL ||
        strcmp(chosen->media, offered[0]) == 0) {
        return "";
    }
    return arena_print(exchange->arena, "format=%s&", media_type_of(exchange)->name);
}

bool media_type_is_export(const struct exchange *exchange)
{
    return exchange->route->file != NULL && media_type_of(exchange)->suffix != NULL;
}

static bool is_for_today(const struct exchange *exchange)
{
    for (const struct parameter *row = exchange->route->parameters;
         row != NULL && row->name != NULL; row++) {
        if (row->today) {
            return true;
        }
    }
    return false;
}

/* The time of the last change of the response; now if it is not known. */
static time_t moment_of(const struct exchange *exchange)
{
    const char *known_at = exchange->moment.known_at;
    if (exchange->response.modified > 0) {
        return exchange->response.modified;
    }
    return known_at != NULL ? syntax_seconds(known_at) : time(NULL);
}

/* The day in the name of an export: as_of, or today if the resource defaults to that; else the day
 * of its last change, so that an unchanged export keeps its name. */
static const char *day_of(struct exchange *exchange)
{
    const char *as_of = exchange->moment.as_of;
    if (as_of != NULL) {
        return as_of;
    }
    enum { DAY_SIZE = sizeof "2026-11-24" };
    time_t moment = is_for_today(exchange) ? time(NULL) : moment_of(exchange);
    struct tm utc;
    char *day = arena_allocate(exchange->arena, DAY_SIZE);
    (void)strftime(day, DAY_SIZE, "%Y-%m-%d", gmtime_r(&moment, &utc));
    return day;
}

static void add_file_name(struct exchange *exchange, const char *suffix)
{
    reply_header(exchange, "Content-Disposition",
                 arena_print(exchange->arena, "attachment; filename=\"ets144-%s-%s.%s\"",
                             exchange->route->file, day_of(exchange), suffix));
}

/* Of the bytes as sent, with their content coding. */
static void add_digest(struct exchange *exchange)
{
    enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 48 };
    unsigned char digest[DIGEST_SIZE];
    unsigned char *text = arena_allocate(exchange->arena, DIGEST_TEXT_SIZE);
    size_t length = 0;
    const struct response *response = &exchange->response;
    (void)gnutls_hash_fast(GNUTLS_DIG_SHA256, response->bytes, response->length, digest);
    (void)o_base64_encode(digest, sizeof digest, text, &length);
    reply_header(exchange, "Content-Digest",
                 arena_print(exchange->arena, "sha-256=:%.*s:", (int)length, (const char *)text));
}

/* The metadata describes the whole table, not a selection of columns. */
static void add_description(struct exchange *exchange)
{
    if (exchange_parameter(exchange, "fields") == NULL) {
        reply_link(exchange, arena_print(exchange->arena,
                                         "<%s-metadata.json>; rel=\"describedby\"; "
                                         "type=\"application/csvm+json\"",
                                         exchange->path));
    }
}

void media_type_reply(struct exchange *exchange, const struct application *application)
{
    if (exchange->response.status != 200 && exchange->response.status != 304) {
        return;
    }
    const char *licence = application->licence;
    if (licence[0] != '\0' && strncmp(exchange->path, "/v1/", 4) == 0) {
        reply_link(exchange, arena_print(exchange->arena, "<%s>; rel=\"license\"", licence));
    }
    const struct media_type *type = media_type_of(exchange);
    if (strcmp(type->name, "html") == 0 &&
        response_header_find(&exchange->response, "Content-Security-Policy") == NULL) {
        reply_header(exchange, "Content-Security-Policy", application->page_policy);
    }
    if (media_type_is_export(exchange)) {
        add_file_name(exchange, type->suffix);
        if (strcmp(exchange->method, "HEAD") != 0) {
            add_digest(exchange);
        }
    }
    if (exchange->route->file != NULL && strcmp(type->name, "csv") == 0) {
        add_description(exchange);
    }
}
