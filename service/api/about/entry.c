/* Discovery: the entry at /, the API catalog (RFC 9727), security.txt (RFC 9116)
 * and the public key of the head's signature. */
#include "api/format/link.h"
#include "api/handlers.h"
#include "auth/signing_key.h"
#include "base/text.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/media_type.h"
#include "http/request/route.h"

#include <string.h>
#include <time.h>

/* The first is the default; a browser that asks for HTML is redirected to /docs. */
const char *const entry_media[] = {"application/json", "text/html", NULL};
const char *const linkset_media[] = {"application/linkset+json", NULL};
const char *const security_media[] = {"text/plain", NULL};
const char *const signing_key_media[] = {"application/x-pem-file", NULL};

/* The links of the entry that are not collections of the register. */
static const struct link service_links[] = {
    {"self", "/"},
    {"service-desc", "/openapi.json"},
    {"service-doc", "/docs"},
    {"api-catalog", "/.well-known/api-catalog"},
    {"status", "/health/ready"},
    {.relation = NULL},
};

/* Adds each public collection: the relation is its path after /v1/, with - for /. */
static void add_collections(struct exchange *exchange, json_t *links)
{
    static const char version[] = "/v1/";
    const struct context *context = exchange->context;
    for (const struct route *route = context->routes; route->method != NULL; route++) {
        if (strcmp(route->method, "GET") == 0 && route->scope == NULL &&
            strncmp(route->path, version, sizeof version - 1) == 0 &&
            strchr(route->path, '{') == NULL) {
            const char *name = route->path + sizeof version - 1;
            json_object_set_new(links, text_replace(exchange->arena, name, "/", "-"),
                                json_string(route->path));
        }
    }
}

void entry_show(struct exchange *exchange)
{
    link_service(exchange);
    if (media_type_is(exchange, "html")) {
        exchange->response.status = 303;
        reply_header(exchange, "Location", "/docs");
        return;
    }
    json_t *document = json_object();
    json_object_set_new(document, "title",
                        json_string(message_text(exchange->language, MESSAGE_SERVICE_TITLE)));
    json_t *links = json_object();
    for (const struct link *link = service_links; link->relation != NULL; link++) {
        json_object_set_new(links, link->relation, json_string(link->address));
    }
    add_collections(exchange, links);
    json_object_set_new(document, "links", links);
    reply_json(exchange, 200, document);
}

/* The link target of RFC 9264 §4.2.2: [{"href": …, "type"?: …}]. */
static json_t *target(struct exchange *exchange, const char *path, const char *type)
{
    const struct context *context = exchange->context;
    json_t *link = json_object();
    json_object_set_new(
        link, "href", json_string(arena_print(exchange->arena, "%s%s", context->public_url, path)));
    if (type != NULL) {
        json_object_set_new(link, "type", json_string(type));
    }
    json_t *list = json_array();
    json_array_append_new(list, link);
    return list;
}

static void append_context(struct exchange *exchange, json_t *linkset, json_t *linkset_context,
                           const char *path)
{
    const struct context *context = exchange->context;
    json_object_set_new(
        linkset_context, "anchor",
        json_string(arena_print(exchange->arena, "%s%s", context->public_url, path)));
    json_array_append_new(linkset, linkset_context);
}

void api_catalog_show(struct exchange *exchange)
{
    json_t *linkset = json_array();
    json_t *catalog = json_object();
    json_object_set_new(catalog, "item", target(exchange, "/", "application/json"));
    append_context(exchange, linkset, catalog, "/.well-known/api-catalog");
    json_t *service = json_object();
    json_object_set_new(service, "service-desc",
                        target(exchange, "/openapi.json", "application/json"));
    json_object_set_new(service, "service-doc", target(exchange, "/docs", "text/html"));
    json_object_set_new(service, "status", target(exchange, "/health/ready", "application/json"));
    append_context(exchange, linkset, service, "/");

    json_t *document = json_object();
    json_object_set_new(document, "linkset", linkset);
    link_service(exchange);
    reply_json(exchange, 200, document);
    exchange->response.content_type =
        "application/linkset+json; profile=\"https://www.rfc-editor.org/info/rfc9727\"";
}

void signing_key_show(struct exchange *exchange)
{
    const struct context *context = exchange->context;
    if (context->signing_key == NULL) {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_text(exchange->language, MESSAGE_NO_SIGNING_KEY));
        return;
    }
    const char *pem = signing_key_public(context->signing_key);
    reply_bytes(exchange, 200, "application/x-pem-file", memory_copy_text(pem), strlen(pem));
}

/* Midnight UTC, so many days from today. */
static const char *days_ahead(struct exchange *exchange, int days)
{
    enum { DAY = 24 * 60 * 60 };
    time_t moment = (time(NULL) / DAY + days) * DAY;
    struct tm utc;
    (void)gmtime_r(&moment, &utc);
    char text[32];
    (void)strftime(text, sizeof text, "%Y-%m-%dT00:00:00Z", &utc);
    return arena_copy_text(exchange->arena, text);
}

void security_show(struct exchange *exchange)
{
    enum { EXPIRES_IN_DAYS = 180 }; /* RFC 9116 §2.5.5 recommends less than a year */
    const struct context *context = exchange->context;
    if (context->security_contact[0] == '\0') {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_text(exchange->language, MESSAGE_NO_CONTACT));
        return;
    }
    struct arena *arena = exchange->arena;
    const char *canonical =
        context->public_url[0] == '\0'
            ? ""
            : arena_print(arena, "Canonical: %s/.well-known/security.txt\n", context->public_url);
    const char *text =
        arena_print(arena, "Contact: %s\nExpires: %s\nPreferred-Languages: en, fr\n%s",
                    context->security_contact, days_ahead(exchange, EXPIRES_IN_DAYS), canonical);
    reply_bytes(exchange, 200, "text/plain; charset=utf-8", memory_copy_text(text), strlen(text));
}
