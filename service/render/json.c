#include "render/json.h"

#include <stdlib.h>
#include <string.h>

const char *render_time(struct arena *arena, const char *value)
{
    enum { WHOLE_SECONDS = 19, MICROSECOND_DIGITS = 6 };
    if (strlen(value) < WHOLE_SECONDS || value[10] != ' ') {
        return arena_copy_text(arena, value); /* infinity */
    }
    char digits[MICROSECOND_DIGITS + 1] = "000000";
    if (value[WHOLE_SECONDS] == '.') {
        size_t length = strspn(value + WHOLE_SECONDS + 1, "0123456789");
        memcpy(digits, value + WHOLE_SECONDS + 1,
               length < MICROSECOND_DIGITS ? length : MICROSECOND_DIGITS);
    }
    char *time = arena_print(arena, "%.*s.%sZ", WHOLE_SECONDS, value, digits);
    time[10] = 'T';
    return time;
}

static json_t *render_number(const char *value)
{
    char *end = NULL;
    long long whole = strtoll(value, &end, 10);
    return *end == '\0' ? json_integer(whole) : json_real(strtod(value, NULL));
}

static json_t *render_value(struct arena *arena, const struct rows *rows, int row, int column)
{
    const char *value = rows_value(rows, row, column);
    if (value == NULL) {
        return json_null();
    }
    switch (rows_column_type(rows, column)) {
    case ROW_BOOLEAN:
        return json_boolean(value[0] == 't');
    case ROW_NUMBER:
        return render_number(value);
    case ROW_TIME:
        return json_string(render_time(arena, value));
    case ROW_JSON:
        return json_loads(value, JSON_DECODE_ANY, NULL);
    case ROW_TEXT:
    default:
        return json_string(value);
    }
}

bool render_shows(const char *name, const char *fields)
{
    if (name[0] == '_') {
        return false;
    }
    if (fields == NULL) {
        return true;
    }
    size_t length = strcspn(name, ".");
    for (const char *at = fields; *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
        if (strcspn(at, ",") == length && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Sets a member, and makes the objects of its dotted name. */
static void set_nested(struct arena *arena, json_t *object, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL) {
        json_object_set_new(object, name, value);
        return;
    }
    const char *group = arena_copy(arena, name, (size_t)(dot - name));
    json_t *inner = json_object_get(object, group);
    if (inner == NULL) {
        inner = json_object();
        json_object_set_new(object, group, inner);
    }
    set_nested(arena, inner, dot + 1, value);
}

static bool is_all_null(json_t *object)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value) {
        if (!json_is_null(value) && !(json_is_object(value) && is_all_null(value))) {
            return false;
        }
    }
    return true;
}

/* Turns objects made from dotted names into null if all their members are; other objects stay. */
static void fold_empty_groups(struct arena *arena, json_t *object, const struct rows *rows)
{
    for (int column = 0; column < rows_column_count(rows); column++) {
        const char *name = rows_column_name(rows, column);
        const char *dot = strchr(name, '.');
        if (dot == NULL) {
            continue;
        }
        const char *group = arena_copy(arena, name, (size_t)(dot - name));
        json_t *inner = json_object_get(object, group);
        if (json_is_object(inner) && is_all_null(inner)) {
            json_object_set_new(object, group, json_null());
        }
    }
}

json_t *render_row(struct arena *arena, const struct rows *rows, int row, const char *fields)
{
    json_t *object = json_object();
    for (int column = 0; column < rows_column_count(rows); column++) {
        const char *name = rows_column_name(rows, column);
        if (render_shows(name, fields)) {
            set_nested(arena, object, name, render_value(arena, rows, row, column));
        }
    }
    fold_empty_groups(arena, object, rows);
    return object;
}

json_t *render_rows(struct arena *arena, const struct rows *rows, const char *fields)
{
    json_t *array = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        json_array_append_new(array, render_row(arena, rows, row, fields));
    }
    return array;
}

bool render_knows(struct arena *arena, const struct rows *rows, const char *fields,
                  const char **unknown)
{
    for (const char *at = fields;; at++) {
        const char *name = arena_copy(arena, at, strcspn(at, ","));
        bool known = false;
        for (int column = 0; column < rows_column_count(rows) && !known; column++) {
            known = render_shows(rows_column_name(rows, column), name);
        }
        if (!known || name[0] == '\0') {
            *unknown = name;
            return false;
        }
        at += strlen(name);
        if (*at == '\0') {
            return true;
        }
    }
}

const char *render_names(struct arena *arena, const struct rows *rows)
{
    const char *names = "";
    size_t last_length = 0;
    const char *last = "";
    for (int column = 0; column < rows_column_count(rows); column++) {
        const char *name = rows_column_name(rows, column);
        size_t length = strcspn(name, ".");
        bool again = length == last_length && strncmp(name, last, length) == 0;
        if (name[0] != '_' && !again) {
            names = arena_print(arena, "%s%s%.*s", names, names[0] != '\0' ? ", " : "", (int)length,
                                name);
        }
        last = name;
        last_length = length;
    }
    return names;
}
