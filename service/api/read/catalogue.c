/* The catalogue of the tables as DCAT-AP 3 and schema.org/Dataset in one JSON-LD document, made
 * from the template words/catalogue.json.
 *
 * A text of the template names values in braces. A text that is only a name gets the value
 * itself, which may be a list or an object. A member whose value is not known is left out, and with
 * it an object whose "@id" it is: so the licence and the contact are there if the operator set
 * them. */
#include "api/format/link.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "base/embed.h"
#include "base/text.h"
#include "context.h"
#include "http/request/media_type.h"
#include "http/request/route.h"
#include "render/json.h"
#include "statements.h"

#include <string.h>

const char *const catalogue_media[] = {"application/ld+json", "application/json", NULL};

EMBED(catalogue_template, "words/catalogue.json");

/* A new reference; NULL: a value that the text names is not known. */
static json_t *fill_text(struct arena *arena, const char *text, const json_t *values)
{
    size_t length = strlen(text);
    if (length > 2 && text[0] == '{' && strchr(text, '}') == text + length - 1) {
        return json_incref(json_object_getn(values, text + 1, length - 2));
    }
    const char *filled = link_fill(arena, text, link_member, values);
    return filled != NULL ? json_string(filled) : NULL;
}

/* A new reference to the part of the template with its values; NULL: it is left out. */
static json_t *fill(struct arena *arena, json_t *part, const json_t *values)
{
    if (json_is_string(part)) {
        return fill_text(arena, json_string_value(part), values);
    }
    if (!json_is_object(part)) {
        return json_incref(part);
    }
    json_t *filled = json_object();
    const char *name = NULL;
    json_t *member = NULL;
    json_object_foreach(part, name, member) {
        json_t *value = fill(arena, member, values);
        if (value != NULL) {
            json_object_set_new(filled, name, value);
        } else if (strcmp(name, "@id") == 0) {
            json_decref(filled);
            return NULL;
        }
    }
    return filled;
}

static void set_text(json_t *values, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_object_set_new(values, name, json_string(text));
    }
}

static void set_in_both(json_t *values, const char *name, const char *const texts[LANGUAGE_COUNT])
{
    json_object_set_new(
        values, name,
        json_pack("{s:s, s:s}", "en", texts[LANGUAGE_ENGLISH], "fr", texts[LANGUAGE_FRENCH]));
}

/* Sets the list of nodes, which it takes over, and the list of their ids. */
static void set_nodes(json_t *values, const char *name, const char *name_of_ids, json_t *nodes)
{
    json_t *ids = json_array();
    size_t index = 0;
    json_t *node = NULL;
    json_array_foreach(nodes, index, node) {
        json_array_append(ids, json_object_get(node, "@id"));
    }
    json_object_set_new(values, name, nodes);
    json_object_set_new(values, name_of_ids, ids);
}

static const struct route *route_of(const struct exchange *exchange, const struct table *table)
{
    const struct context *context = exchange->context;
    const struct route *route = context->routes;
    while (strcmp(route->path, table->address) != 0 || strcmp(route->method, "GET") != 0) {
        route++;
    }
    return route;
}

/* A distribution for each format that the table's route offers. */
static json_t *distributions(struct exchange *exchange, json_t *template, const struct table *table,
                             json_t *values)
{
    struct arena *arena = exchange->arena;
    const char *const *offered = route_of(exchange, table)->media;
    json_t *nodes = json_array();
    const char *format = NULL;
    json_t *members = NULL;
    json_object_foreach(json_object_get(template, "formats"), format, members) {
        const char *media = json_string_value(json_object_get(members, "encoding"));
        if (text_is_one_of(offered, media, strlen(media))) {
            set_text(values, "format", format);
            json_object_set(values, "description", json_object_get(members, "description"));
            json_t *node = fill(arena, json_object_get(template, "distribution"), values);
            json_object_update_new(node, fill(arena, members, values));
            json_array_append_new(nodes, node);
        }
    }
    return nodes;
}

static json_t *dataset(struct exchange *exchange, json_t *template, const struct table *table,
                       json_t *shared)
{
    struct arena *arena = exchange->arena;
    json_t *values = json_copy(shared);
    set_text(values, "table", table_name(arena, table));
    set_text(values, "address", table->address);
    set_in_both(values, "title", table->title);
    set_nodes(values, "distributions", "distribution_ids",
              distributions(exchange, template, table, values));
    set_in_both(values, "description", table->description);
    json_t *node = fill(arena, json_object_get(template, "dataset"), values);
    json_decref(values);
    return node;
}

/* The values of the whole catalogue. Texts that are empty are not known, but for the public
 * address: without it addresses are relative. */
static json_t *values_of(struct exchange *exchange, const struct rows *rows, json_t *shared)
{
    const struct context *context = exchange->context;
    struct arena *arena = exchange->arena;
    json_t *values = json_copy(shared);
    json_object_set_new(values, "public_url", json_string(context->public_url));
    set_text(values, "publisher", context->publisher);
    set_text(values, "licence", context->licence);
    if (context->contact[0] != '\0') {
        bool mailbox = strncmp(context->contact, "mailto:", strlen("mailto:")) == 0;
        set_text(values, mailbox ? "contact_email" : "contact_page", context->contact);
        set_text(values, "contact",
                 arena_print(arena, "%s/v1/catalog#contact", context->public_url));
    }
    set_text(values, "issued", render_time(arena, rows_named(rows, 0, "since")));
    set_text(values, "modified", render_time(arena, exchange_value(exchange, "known_at")));
    set_text(values, "revision", exchange_value(exchange, "revision"));
    return values;
}

static json_t *catalogue(struct exchange *exchange, const struct rows *rows)
{
    json_t *template = json_loadb(catalogue_template, catalogue_template_length, 0, NULL);
    json_t *values = values_of(exchange, rows, json_object_get(template, "shared"));
    json_t *datasets = json_array();
    for (int i = 0; tables[i] != NULL; i++) {
        json_array_append_new(datasets, dataset(exchange, template, tables[i], values));
    }
    set_nodes(values, "datasets", "dataset_ids", datasets);
    json_t *document = fill(exchange->arena, json_object_get(template, "catalogue"), values);
    json_decref(values);
    json_decref(template);
    return document;
}

void dataset_catalogue_show(struct exchange *exchange)
{
    struct rows *rows = read_one(exchange, &statement_register, MESSAGE_NOT_KNOWN_THEN, NULL);
    if (rows == NULL) {
        return;
    }
    reply_json(exchange, 200, catalogue(exchange, rows));
    exchange->response.content_type = media_type_of(exchange)->content_type;
    rows_free(rows);
}
