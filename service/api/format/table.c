#include "api/format/table.h"

#include "render/json.h"

#include <stdlib.h>
#include <string.h>

const char *table_name(struct arena *arena, const struct table *table)
{
    char *name = arena_copy_text(arena, table->address + strlen("/v1/"));
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash, '/')) {
        *slash = '-';
    }
    return name;
}

const char *table_column_name(struct arena *arena, const struct column *column)
{
    char *name = arena_copy_text(arena, column->member);
    for (char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot, '.')) {
        *dot = '_';
    }
    return name;
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

/* Entries of a list must stay apart from each other. */
static const char *entry_text(struct arena *arena, const char *entry)
{
    static const char no_break_space[] = "\xC2\xA0";
    const char *text = "";
    for (const char *space = strchr(entry, ' '); space != NULL; space = strchr(entry, ' ')) {
        text = arena_print(arena, "%s%.*s%s", text, (int)(space - entry), entry, no_break_space);
        entry = space + 1;
    }
    return text[0] == '\0' ? entry : arena_print(arena, "%s%s", text, entry);
}

static const char *list_text(struct arena *arena, const json_t *list)
{
    const char *text = "";
    size_t index = 0;
    const json_t *entry = NULL;
    json_array_foreach(list, index, entry) {
        text = arena_print(arena, "%s%s%s", text, index > 0 ? " " : "",
                           entry_text(arena, json_string_value(entry)));
    }
    return text;
}

static void write_value(struct arena *arena, const json_t *value, struct csv *csv)
{
    if (json_is_array(value)) {
        csv_add_text(csv, list_text(arena, value));
    } else if (json_is_boolean(value) || json_is_number(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        csv_add_plain(csv, text);
        free(text);
    } else if (json_is_object(value)) {
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
        if (render_shows(column->member, fields)) {
            csv_add_text(csv, table_column_name(arena, column));
        }
    }
    csv_end_row(csv);
}

void table_write_row(struct arena *arena, const struct table *table, const char *fields,
                     const json_t *item, struct csv *csv)
{
    for (const struct column *column = table->columns; column->member != NULL; column++) {
        if (render_shows(column->member, fields)) {
            write_value(arena, value_of(item, column->member), csv);
        }
    }
    csv_end_row(csv);
}
