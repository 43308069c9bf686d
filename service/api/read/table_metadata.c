/* The columns of a table for programs, in W3C's Metadata Vocabulary for Tabular Data, at the
 * address of the table with -metadata.json behind it. */
#include "api/format/table.h"
#include "api/handlers.h"
#include "context.h"
#include "http/request/media_type.h"

#include <string.h>

const char *const metadata_media[] = {"application/csvm+json", "application/json", NULL};

/* A text in both languages, as JSON-LD value objects. */
static json_t *in_both(const char *const texts[LANGUAGE_COUNT])
{
    json_t *values = json_array();
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_array_append_new(values,
                              json_pack("{s:s, s:s}", "@value", texts[language], "@language",
                                        language_tag((enum language)language)));
    }
    return values;
}

/* `und` is the name in the header row, by which a reader finds the column. */
static json_t *titles_of(const char *name, const struct column *column)
{
    json_t *titles = json_object();
    json_object_set_new(titles, "und", json_string(name));
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_object_set_new(titles, language_tag((enum language)language),
                            json_string(column->title[language]));
    }
    return titles;
}

static json_t *datatype_of(enum column_kind kind)
{
    static const struct {
        const char *base;
        const char *format; /* NULL: the default of the type */
    } types[] = {
        [COLUMN_TEXT] = {"string", NULL},      [COLUMN_ADDRESS] = {"anyURI", NULL},
        [COLUMN_DAY] = {"date", "yyyy-MM-dd"}, [COLUMN_MOMENT] = {"dateTime", NULL},
        [COLUMN_COUNT] = {"integer", NULL},    [COLUMN_BOOLEAN] = {"boolean", "true|false"},
        [COLUMN_SHARE] = {"decimal", NULL},    [COLUMN_JSON] = {"json", NULL},
    };
    json_t *type = json_object();
    json_object_set_new(type, "base", json_string(types[kind].base));
    if (types[kind].format != NULL) {
        json_object_set_new(type, "format", json_string(types[kind].format));
    }
    return type;
}

static json_t *describe_column(struct arena *arena, const struct column *column)
{
    const char *name = table_column_name(arena, column);
    json_t *described = json_object();
    json_object_set_new(described, "name", json_string(name));
    json_object_set_new(described, "titles", titles_of(name, column));
    json_object_set_new(described, "dc:description", in_both(column->description));
    json_object_set_new(described, "datatype", datatype_of(column->kind));
    json_object_set_new(described, "null", json_string(""));
    json_object_set_new(described, "required", json_boolean(column->not_null));
    if (column->list) {
        json_object_set_new(described, "separator", json_string(" "));
    }
    return described;
}

static json_t *describe_schema(struct arena *arena, const struct table *table)
{
    json_t *columns = json_array();
    for (const struct column *column = table->columns; column->member != NULL; column++) {
        json_array_append_new(columns, describe_column(arena, column));
    }
    return json_pack("{s:o, s:s}", "columns", columns, "primaryKey", table->key);
}

static json_t *describe(struct arena *arena, const struct table *table, const char *licence)
{
    const char *const note[LANGUAGE_COUNT] = {
        [LANGUAGE_ENGLISH] = message_text(LANGUAGE_ENGLISH, MESSAGE_CSV_NOTE),
        [LANGUAGE_FRENCH] = message_text(LANGUAGE_FRENCH, MESSAGE_CSV_NOTE),
    };
    json_t *described = json_object();
    json_object_set_new(described, "@context",
                        json_pack("[s, {s:s}]", "http://www.w3.org/ns/csvw", "@language", "en"));
    json_object_set_new(described, "@type", json_string("Table"));
    json_object_set_new(described, "url",
                        json_string(arena_print(arena, "%s?format=csv", table->address)));
    json_object_set_new(described, "dc:title", in_both(table->title));
    json_object_set_new(described, "dc:description", in_both(table->description));
    if (licence[0] != '\0') {
        json_object_set_new(described, "dc:license", json_pack("{s:s}", "@id", licence));
    }
    json_object_set_new(described, "rdfs:comment", in_both(note));
    json_object_set_new(described, "dialect",
                        json_pack("{s:s, s:s, s:b, s:[s]}", "encoding", "utf-8", "delimiter", ",",
                                  "header", 1, "lineTerminators", "\r\n"));
    json_object_set_new(described, "tableSchema", describe_schema(arena, table));
    return described;
}

void table_metadata_show(struct exchange *exchange)
{
    static const char suffix[] = "-metadata.json";
    const struct context *context = exchange->context;
    size_t length = strlen(exchange->path) - (sizeof suffix - 1);
    for (int i = 0; tables[i] != NULL; i++) {
        if (strlen(tables[i]->address) == length &&
            strncmp(tables[i]->address, exchange->path, length) == 0) {
            reply_json(exchange, 200, describe(exchange->arena, tables[i], context->licence));
            exchange->response.content_type = media_type_of(exchange)->content_type;
        }
    }
}
