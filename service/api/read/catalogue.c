/* The catalogue of what can be loaded: DCAT-AP 3 and schema.org/Dataset in one JSON-LD document.
 * Its datasets are the tables; their distributions are the formats that their routes offer. */
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/routes.h"
#include "base/embed.h"
#include "context.h"
#include "http/request/media_type.h"
#include "http/request/route.h"
#include "render/json.h"
#include "statements.h"

#include <string.h>

EMBED(catalogue_context, "words/catalogue_context.json");

static const char authority[] = "http://publications.europa.eu/resource/authority/";

/* What a distribution is in each format. */
static const struct encoding_kind {
    const char *media;
    const char *name;      /* in the distribution's address */
    const char *file_type; /* in the EU's list; NULL: it is not there */
    const char *standard;
    const char *description[LANGUAGE_COUNT];
} encodings[] = {
    {"application/json",
     "json",
     "JSON",
     "https://www.rfc-editor.org/rfc/rfc8259",
     {"As JSON, by the contract at /openapi.json; long lists in pages.",
      "En JSON, selon le contrat à /openapi.json ; les longues listes par pages."}},
    {"text/csv",
     "csv",
     "CSV",
     "https://www.rfc-editor.org/rfc/rfc4180",
     {"As a table to load, with a header row; its columns are described beside it.",
      "En tableau à charger, avec une ligne d'en-tête ; ses colonnes sont décrites à côté."}},
    {"application/x-ndjson",
     "ndjson",
     NULL,
     NULL,
     {"To load line by line: each item as JSON on a line of its own.",
      "À charger ligne par ligne : chaque élément en JSON sur sa propre ligne."}},
    {"application/ld+json",
     "jsonld",
     "JSON_LD",
     "https://www.w3.org/TR/json-ld11/",
     {"As linked data: schema.org, ELI and Dublin Core.",
      "En données liées : schema.org, ELI et Dublin Core."}},
    {"text/html",
     "html",
     "HTML",
     "https://html.spec.whatwg.org/",
     {"As a page to read and to print.", "En page à lire et à imprimer."}},
};

/* One catalogue in the making. */
struct making {
    struct exchange *exchange;
    const struct context *context;
    const char *issued;   /* since when there is a register */
    const char *modified; /* its newest revision */
};

/* An address of this service, with what is behind it. */
static json_t *ours(const struct making *making, const char *path, const char *fragment,
                    const char *more)
{
    return json_string(arena_print(making->exchange->arena, "%s%s%s%s", making->context->public_url,
                                   path, fragment, more));
}

static json_t *entry(const struct making *making, const char *name)
{
    return ours(making, "/v1/catalog#", name, "");
}

static json_t *in_both(const char *english, const char *french)
{
    return json_pack("{s:s, s:s}", "en", english, "fr", french);
}

static json_t *in_languages(const char *const texts[LANGUAGE_COUNT])
{
    return in_both(texts[LANGUAGE_ENGLISH], texts[LANGUAGE_FRENCH]);
}

static json_t *typed(json_t *address, const char *type)
{
    return json_pack("{s:o, s:s}", "@id", address, "@type", type);
}

/* A concept of the EU's authority lists. */
static json_t *listed(const struct making *making, const char *concept, const char *type)
{
    return typed(json_string(arena_print(making->exchange->arena, "%s%s", authority, concept)),
                 type);
}

static json_t *labelled(const struct making *making, const char *concept, const char *english,
                        const char *french)
{
    json_t *node = listed(making, concept, "skos:Concept");
    json_object_set_new(node, "label", in_both(english, french));
    return node;
}

static json_t *themes(const struct making *making)
{
    return json_pack("[o, o]",
                     labelled(making, "data-theme/JUST", "Justice, legal system and public safety",
                              "Justice, système juridique et sécurité publique"),
                     labelled(making, "data-theme/GOVE", "Government and public sector",
                              "Gouvernement et secteur public"));
}

static json_t *keywords(void)
{
    return json_pack("{s:[s, s, s, s], s:[s, s, s, s]}", "en", "treaty", "ratification",
                     "right to vote", "foreign residents", "fr", "traité", "ratification",
                     "droit de vote", "résidents étrangers");
}

static json_t *languages(const struct making *making)
{
    return json_pack("[o, o]", listed(making, "language/ENG", "dct:LinguisticSystem"),
                     listed(making, "language/FRA", "dct:LinguisticSystem"));
}

/* The licence, where there is one, for both vocabularies. */
static void add_licence(const struct making *making, json_t *node)
{
    if (making->context->licence[0] != '\0') {
        json_object_set_new(node, "licence",
                            typed(json_string(making->context->licence), "dct:LicenseDocument"));
        json_object_set_new(node, "terms", json_string(making->context->licence));
    }
}

static void add_contact(const struct making *making, json_t *node)
{
    if (making->context->contact[0] != '\0') {
        json_object_set_new(node, "contact", entry(making, "contact"));
    }
}

/* Titles and descriptions, for both vocabularies; takes both over. */
static void add_words(json_t *node, json_t *title, json_t *description)
{
    json_object_set(node, "name", title);
    json_object_set(node, "text", description);
    json_object_set_new(node, "title", title);
    json_object_set_new(node, "description", description);
}

static json_t *distribution(const struct making *making, const struct table *table,
                            const struct encoding_kind *encoding)
{
    struct arena *arena = making->exchange->arena;
    const char *path = arena_print(arena, "%s?format=%s", table->address, encoding->name);
    json_t *node = json_object();
    json_object_set_new(node, "@id",
                        ours(making, "/v1/catalog#", table_name(arena, table),
                             arena_print(arena, "-%s", encoding->name)));
    json_object_set_new(node, "@type",
                        json_pack("[s, s]", "dcat:Distribution", "schema:DataDownload"));
    add_words(node, in_languages(table->title), in_languages(encoding->description));
    static const char *const addresses[] = {"access_url", "download_url", "content_url"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        json_object_set_new(node, addresses[i], ours(making, path, "", ""));
    }
    json_object_set_new(node, "encoding", json_string(encoding->media));
    const char *iana =
        arena_print(arena, "https://www.iana.org/assignments/media-types/%s", encoding->media);
    if (encoding->file_type != NULL) {
        json_object_set_new(node, "media_type", typed(json_string(iana), "dct:MediaType"));
        json_object_set_new(node, "format",
                            listed(making, arena_print(arena, "file-type/%s", encoding->file_type),
                                   "dct:MediaTypeOrExtent"));
        json_object_set_new(node, "conforms_to",
                            typed(json_string(encoding->standard), "dct:Standard"));
    } else {
        json_object_set_new(node, "format",
                            json_pack("{s:s, s:s}", "@type", "dct:MediaTypeOrExtent", "rdfs:label",
                                      encoding->media));
    }
    if (strcmp(encoding->name, "csv") == 0) {
        json_object_set_new(
            node, "described_by",
            typed(ours(making, table->address, "-metadata.json", ""), "foaf:Document"));
    }
    json_object_set_new(node, "language", languages(making));
    json_object_set_new(node, "availability",
                        labelled(making, "planned-availability/STABLE", "stable", "stable"));
    json_object_set_new(node, "access_service", entry(making, "service"));
    add_licence(making, node);
    return node;
}

static const struct route *route_of(const struct table *table)
{
    const struct route *route = routes;
    while (strcmp(route->path, table->address) != 0 || strcmp(route->method, "GET") != 0) {
        route++;
    }
    return route;
}

/* Adds the distributions to the dataset, and to schema.org's list of them by their addresses. */
static void add_distributions(const struct making *making, const struct table *table, json_t *node)
{
    json_t *all = json_array();
    json_t *addresses = json_array();
    const char *const *media = route_of(table)->media;
    for (int i = 0; media[i] != NULL; i++) {
        for (size_t k = 0; k < sizeof encodings / sizeof encodings[0]; k++) {
            if (strcmp(encodings[k].media, media[i]) == 0) {
                json_t *made = distribution(making, table, &encodings[k]);
                json_array_append(addresses, json_object_get(made, "@id"));
                json_array_append_new(all, made);
            }
        }
    }
    json_object_set_new(node, "distribution", all);
    json_object_set_new(node, "download", addresses);
}

static json_t *dataset(const struct making *making, const struct table *table)
{
    struct arena *arena = making->exchange->arena;
    json_t *node = json_object();
    json_object_set_new(node, "@id", entry(making, table_name(arena, table)));
    json_object_set_new(node, "@type", json_pack("[s, s]", "dcat:Dataset", "schema:Dataset"));
    add_words(node, in_languages(table->title), in_languages(table->description));
    json_object_set_new(node, "identifier", ours(making, table->address, "", ""));
    json_object_set_new(node, "publisher", entry(making, "publisher"));
    add_contact(making, node);
    json_object_set_new(node, "keyword", keywords());
    json_object_set_new(node, "theme", themes(making));
    json_object_set_new(node, "spatial", listed(making, "continent/EUROPE", "dct:Location"));
    json_object_set_new(
        node, "temporal",
        json_pack("{s:s, s:s}", "@type", "dct:PeriodOfTime", "start", "1992-02-05"));
    json_object_set_new(node, "frequency", listed(making, "frequency/IRREG", "dct:Frequency"));
    json_object_set_new(node, "access_rights",
                        listed(making, "access-right/PUBLIC", "dct:RightsStatement"));
    json_object_set_new(node, "landing_page",
                        typed(ours(making, "/docs", "", ""), "foaf:Document"));
    json_object_set_new(node, "language", languages(making));
    json_object_set_new(node, "issued", json_string(making->issued));
    json_object_set_new(node, "modified", json_string(making->modified));
    json_object_set_new(node, "version", json_string(exchange_value(making->exchange, "revision")));
    json_object_set_new(node, "free", json_true());
    add_licence(making, node);
    add_distributions(making, table, node);
    return node;
}

static json_t *datasets(const struct making *making)
{
    json_t *all = json_array();
    for (int i = 0; tables[i] != NULL; i++) {
        json_array_append_new(all, dataset(making, tables[i]));
    }
    return all;
}

static json_t *service(const struct making *making)
{
    json_t *served = json_array();
    for (int i = 0; tables[i] != NULL; i++) {
        json_array_append_new(served,
                              entry(making, table_name(making->exchange->arena, tables[i])));
    }
    json_t *node = json_object();
    json_object_set_new(node, "@id", entry(making, "service"));
    json_object_set_new(node, "@type", json_string("dcat:DataService"));
    json_object_set_new(node, "title",
                        in_both("Interface of the register", "Interface du registre"));
    json_object_set_new(node, "description",
                        in_both("Reads any of it, for any day, as known at any moment.",
                                "Lit le tout, pour toute date, tel que connu à tout moment."));
    json_object_set_new(node, "endpoint", ours(making, "/", "", ""));
    json_object_set_new(node, "endpoint_description", ours(making, "/openapi.json", "", ""));
    json_object_set_new(node, "conforms_to",
                        typed(json_string("https://spec.openapis.org/oas/v3.1.0"), "dct:Standard"));
    json_object_set_new(node, "publisher", entry(making, "publisher"));
    add_contact(making, node);
    json_object_set_new(node, "keyword", keywords());
    json_object_set_new(node, "theme", themes(making));
    json_object_set_new(node, "access_rights",
                        listed(making, "access-right/PUBLIC", "dct:RightsStatement"));
    add_licence(making, node);
    json_object_set_new(node, "serves", served);
    return node;
}

/* Whom to ask; a mailbox, or else a page. */
static json_t *contact_point(const struct making *making)
{
    const char *contact = making->context->contact;
    bool mailbox = strncmp(contact, "mailto:", strlen("mailto:")) == 0;
    return json_pack("{s:o, s:s, s:s, s:{s:s}}", "@id", entry(making, "contact"), "@type",
                     "vcard:Kind", "vcard:fn", making->context->publisher,
                     mailbox ? "vcard:hasEmail" : "vcard:hasURL", "@id", contact);
}

static json_t *catalogue(const struct making *making)
{
    json_t *node = json_object();
    json_object_set_new(node, "@context",
                        json_loadb(catalogue_context, catalogue_context_length, 0, NULL));
    json_object_set_new(node, "@id", ours(making, "/v1/catalog", "", ""));
    json_object_set_new(node, "@type", json_pack("[s, s]", "dcat:Catalog", "schema:DataCatalog"));
    add_words(
        node,
        in_both("Register of ETS No. 144: data to load",
                "Registre de la STE n° 144 : données à charger"),
        in_both("Which States have signed and ratified the Convention on the Participation of "
                "Foreigners in Public Life at Local Level, since when, and by which of its "
                "chapters they are bound.",
                "Quels États ont signé et ratifié la Convention sur la participation des "
                "étrangers à la vie publique au niveau local, depuis quand, et par lesquels de "
                "ses chapitres ils sont liés."));
    json_object_set_new(node, "publisher",
                        json_pack("{s:o, s:s, s:s}", "@id", entry(making, "publisher"), "@type",
                                  "foaf:Agent", "foaf:name", making->context->publisher));
    if (making->context->contact[0] != '\0') {
        json_object_set_new(node, "contact", contact_point(making));
    }
    json_object_set_new(node, "homepage", typed(ours(making, "/docs", "", ""), "foaf:Document"));
    json_t *taxonomy = listed(making, "data-theme", "skos:ConceptScheme");
    json_object_set_new(taxonomy, "title", in_both("Data theme", "Thème de données"));
    json_object_set_new(node, "themes_of", taxonomy);
    json_object_set_new(node, "language", languages(making));
    json_object_set_new(node, "spatial", listed(making, "continent/EUROPE", "dct:Location"));
    json_object_set_new(node, "issued", json_string(making->issued));
    json_object_set_new(node, "modified", json_string(making->modified));
    add_licence(making, node);
    json_object_set_new(node, "service", service(making));
    json_object_set_new(node, "dataset", datasets(making));
    return node;
}

void dataset_catalogue_show(struct exchange *exchange)
{
    struct rows *rows = read_one(exchange, &statement_register, MESSAGE_NOT_KNOWN_THEN, NULL);
    if (rows == NULL) {
        return;
    }
    const struct making making = {
        .exchange = exchange,
        .context = exchange->context,
        .issued = render_time(exchange->arena, rows_named(rows, 0, "since")),
        .modified = render_time(exchange->arena, exchange_value(exchange, "known_at"))};
    reply_json(exchange, 200, catalogue(&making));
    exchange->reply.content_type = media_type_of(exchange)->content_type;
    rows_free(rows);
}
