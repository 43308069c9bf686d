#include "api/format/jsonld.h"

#include "api/format/link.h"
#include "base/embed.h"
#include "context.h"
#include "http/request/canonical_query.h"
#include "http/request/media_type.h"

#include <string.h>

EMBED(jsonld_context, "words/jsonld_context.json");

static const char countries[] = "http://publications.europa.eu/resource/authority/country/";

const struct jsonld_type states_jsonld = {
    .type = "Country", .address = "/v1/states/{code}", .state = "code", .country = "sameAs"};
const struct jsonld_type actions_jsonld = {.type = "Action",
                                           .address = "/v1/actions/{reference}",
                                           .state = "state",
                                           .country = "spatial",
                                           .object = "/v1/convention"};
const struct jsonld_type statistics_jsonld = {.type = "Observation", .object = "/v1/convention"};
const struct jsonld_type series_jsonld = {.type = "Observation", .object = "/v1/convention"};
const struct jsonld_type changes_jsonld = {.type = "UpdateAction", .address = "urn:uuid:{id}"};
const struct jsonld_type convention_jsonld = {.type = "LegalResource", .address = "/v1/convention"};

/* Members that hold a code or a reference, and the IRI prefix that makes it an IRI. */
static const struct {
    const char *member;
    const char *prefix;
} prefixes[] = {
    {"state", "/v1/states/"},
    {"action", "/v1/actions/"},
    {"signature", "/v1/actions/"},
    {"consent", "/v1/actions/"},
    {"denunciation", "/v1/actions/"},
    {"refers_to", "/v1/actions/"},
    {"brought_into_force_by", "/v1/actions/"},
    {"kind", "/v1/vocabulary#/kinds/"},
    {"status", "/v1/vocabulary#/statuses/"},
    {"chapters", "/v1/vocabulary#/chapters/"},
    {"effective_by", "/v1/vocabulary#/date_rules/"},
    {"verification", "/v1/vocabulary#/verifications/"},
    {"category", "/v1/vocabulary#/changes/"},
    {"next", ""},
};

static json_t *iri(struct exchange *exchange, const char *prefix, const char *name)
{
    const struct context *context = exchange->context;
    return json_string(arena_print(exchange->arena, "%s%s%s", context->public_url, prefix, name));
}

static const char *prefix_of(const char *member)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strcmp(prefixes[i].member, member) == 0) {
            return prefixes[i].prefix;
        }
    }
    return NULL;
}

static void members_to_iris(struct exchange *exchange, json_t *object);

/* The value with IRIs instead of codes, a new reference; prefix NULL: it holds no codes. */
static json_t *to_iris(struct exchange *exchange, const char *prefix, json_t *value)
{
    if (json_is_string(value) && prefix != NULL) {
        return iri(exchange, prefix, json_string_value(value));
    }
    if (json_is_array(value)) {
        json_t *entries = json_array();
        size_t index = 0;
        json_t *entry = NULL;
        json_array_foreach(value, index, entry) {
            json_array_append_new(entries, to_iris(exchange, prefix, entry));
        }
        return entries;
    }
    members_to_iris(exchange, value);
    return json_incref(value);
}

static void members_to_iris(struct exchange *exchange, json_t *object)
{
    const char *member = NULL;
    json_t *value = NULL;
    void *next = NULL;
    json_object_foreach_safe(object, next, member, value)
    {
        json_object_set_new(object, member, to_iris(exchange, prefix_of(member), value));
    }
}

/* The context, with the language of the document for names and titles. */
static json_t *context_of(struct exchange *exchange)
{
    static const char *const translated[] = {"name", "title"};
    json_t *context = json_loadb(jsonld_context, jsonld_context_length, 0, NULL);
    json_object_set_new(context, "@vocab", iri(exchange, "/v1/vocabulary#", ""));
    for (size_t i = 0; i < sizeof translated / sizeof translated[0]; i++) {
        json_object_set_new(json_object_get(context, translated[i]), "@language",
                            json_string(language_tag(exchange->language)));
    }
    return context;
}

/* Replies with the members between the context and the licence; takes them over. */
static void reply_linked(struct exchange *exchange, json_t *members)
{
    const struct context *context = exchange->context;
    json_t *document = json_object();
    json_object_set_new(document, "@context", context_of(exchange));
    json_object_update(document, members);
    json_decref(members);
    if (context->licence[0] != '\0') {
        json_object_set_new(document, "license", json_string(context->licence));
    }
    reply_json(exchange, 200, document);
    exchange->response.content_type = media_type_of(exchange)->content_type;
}

/* The subject of every list. */
static json_t *convention(struct exchange *exchange)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "@id", iri(exchange, "/v1/convention", ""),
                     "@type", "LegalResource", "number", "144", "title",
                     message_text(exchange->language, MESSAGE_CONVENTION_TITLE), "opened_on",
                     "1992-02-05");
}

void jsonld_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item)
{
    const char *own =
        type->address != NULL ? link_fill(exchange->arena, type->address, link_member, item) : NULL;
    if (own != NULL) {
        json_object_set_new(item, "@id", own[0] == '/' ? iri(exchange, own, "") : json_string(own));
    }
    json_object_set_new(item, "@type", json_string(type->type));
    const char *state =
        type->state != NULL ? json_string_value(json_object_get(item, type->state)) : NULL;
    if (state != NULL) {
        json_object_set_new(item, type->country,
                            json_string(arena_print(exchange->arena, "%s%s", countries, state)));
    }
    if (type->object != NULL) {
        json_object_set_new(item, "object", iri(exchange, type->object, ""));
    }
    /* IRIs replace the links. */
    json_object_del(item, "links");
    json_object_del(json_object_get(item, "data"), "links");
    members_to_iris(exchange, item);
}

void jsonld_reply_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item)
{
    jsonld_item(exchange, type, item);
    reply_linked(exchange, item);
}

void jsonld_reply_list(struct exchange *exchange, json_t *envelope, json_t *items)
{
    members_to_iris(exchange, envelope);
    json_object_set_new(envelope, "@id",
                        iri(exchange, canonical_url(exchange, exchange->path, NULL), ""));
    json_object_set_new(envelope, "@type", json_string("Dataset"));
    json_object_set_new(envelope, "about", convention(exchange));
    json_object_set_new(envelope, "items", items);
    reply_linked(exchange, envelope);
}
