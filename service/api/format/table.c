#include "api/format/table.h"

#include "base/text.h"
#include "render/json.h"
#include "render/row.h"

#include <stdlib.h>
#include <string.h>

/* columns.def is read three times: for the columns, the tables and the list of tables. */
/* clang-format off */
#define LIST .list = true,
#define NOT_NULL .not_null = true,
#define IMPORTABLE .importable = true,
#define NULLABLE
#define TABLE(table_name, ...) static const struct column table_name##_columns[] = {
#define COLUMN(column_member, column_kind, flags, title_en, title_fr, ...)                         \
    {.member = (column_member), .kind = COLUMN_##column_kind, flags                                \
     .title = {title_en, title_fr}, .description = {__VA_ARGS__}},
#define END_TABLE {.member = NULL}};
#include "words/columns.def"
#undef TABLE
#undef COLUMN
#undef END_TABLE

#define COLUMN(...)
#define END_TABLE
#define TABLE(table_name, path, key_columns, title_en, title_fr, ...)                              \
    const struct table table_name##_table = {.address = (path), .key = (key_columns),              \
                                             .title = {title_en, title_fr},                        \
                                             .description = {__VA_ARGS__},                         \
                                             .columns = table_name##_columns};
#include "words/columns.def"
#undef TABLE

#define TABLE(table_name, ...) &table_name##_table,
const struct table *const tables[] = {
#include "words/columns.def"
    NULL};
/* clang-format on */

const char *table_name(struct arena *arena, const struct table *table)
{
    return text_replace(arena, table->address + strlen("/v1/"), "/", "-");
}

const char *table_column_name(struct arena *arena, const struct column *column)
{
    return text_replace(arena, column->member, ".", "_");
}

/* The value at the end of a dotted name; NULL: the item ends before. */
static const json_t *value_of(const json_t *item, const char *member)
{
    for (const char *dot = strchr(member, '.'); dot != NULL; dot = strchr(member, '.')) {
        item = json_object_getn(item, member, (size_t)(dot - member));
        member = dot + 1;
    }
    return json_object_get(item, member);
}

static const char *list_text(struct arena *arena, const json_t *list)
{
    const char *text = "";
    size_t index = 0;
    const json_t *entry = NULL;
    json_array_foreach(list, index, entry) {
        text = arena_print(arena, "%s%s%s", text, index > 0 ? " " : "",
                           text_replace(arena, json_string_value(entry), " ", TABLE_ENTRY_SPACE));
    }
    return text;
}

/* Whether a list has entries that are no texts: it is written as JSON, like an object. */
static bool has_objects(const json_t *list)
{
    return json_is_object(json_array_get(list, 0));
}

static void write_value(struct arena *arena, const json_t *value, struct csv *csv)
{
    if (json_is_array(value) && !has_objects(value)) {
        csv_add_text(csv, list_text(arena, value));
    } else if (json_is_boolean(value) || json_is_number(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        csv_add_plain(csv, text);
        free(text);
    } else if (json_is_object(value) || json_is_array(value)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(6));
        csv_add_text(csv, text);
        free(text);
    } else {
        csv_add_text(csv, json_string_value(value));
    }
}

void table_write_header(struct arena *arena, const struct table *table, const char *fields,
                        struct csv *csv)
{
    csv_begin(csv);
    for (const struct column *column = table->columns; column->member != NULL; column++) {
        if (row_shows(column->member, fields)) {
            csv_add_text(csv, table_column_name(arena, column));
        }
    }
    csv_end_row(csv);
}

void table_write_row(struct arena *arena, const struct table *table, const char *fields,
                     const json_t *item, struct csv *csv)
{
    for (const struct column *column = table->columns; column->member != NULL; column++) {
        if (row_shows(column->member, fields)) {
            write_value(arena, value_of(item, column->member), csv);
        }
    }
    csv_end_row(csv);
}

static void write_cell(struct arena *arena, const struct rows *rows, int row, int column,
                       struct csv *csv)
{
    const char *value = column >= 0 ? rows_value(rows, row, column) : NULL;
    if (value == NULL) {
        csv_add_text(csv, NULL);
        return;
    }
    json_t *tree = NULL;
    switch (rows_column_type(rows, column)) {
    case ROW_BOOLEAN:
        csv_add_plain(csv, value[0] == 't' ? "true" : "false");
        break;
    case ROW_NUMBER:
    case ROW_JSON:
        tree = json_loads(value, JSON_DECODE_ANY, NULL);
        write_value(arena, tree, csv);
        json_decref(tree);
        break;
    case ROW_TIME:
        csv_add_text(csv, render_time(arena, value));
        break;
    case ROW_TEXT:
    default:
        csv_add_text(csv, value);
    }
}

void table_write_rows(struct arena *arena, const struct table *table, const char *fields,
                      const struct rows *rows, int count, struct csv *csv)
{
    enum { MAX_COLUMNS = 64 };
    int places[MAX_COLUMNS];
    int shown = 0;
    for (const struct column *column = table->columns; column->member != NULL; column++) {
        if (row_shows(column->member, fields) && shown < MAX_COLUMNS) {
            places[shown++] = rows_column(rows, column->member);
        }
    }
    for (int row = 0; row < count; row++) {
        for (int i = 0; i < shown; i++) {
            write_cell(arena, rows, row, places[i], csv);
        }
        csv_end_row(csv);
    }
}
