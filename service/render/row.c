#include "render/row.h"

#include "render/json.h"

#include <string.h>

/* A member of the objects: a column, or a group, the object of a dotted name. */
struct row_member {
    const char *name;         /* of the group or the column, without those around it */
    const char *key;          /* ,"name": */
    size_t length;            /* of the key */
    struct row_member *group; /* the first member; NULL: a column */
    struct row_member *next;
    int column;
    enum column_type type;
};

bool row_shows(const char *name, const char *fields)
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

/* The member of that name, added if the list has none. */
static struct row_member *find_member(struct arena *arena, struct row_member **list,
                                      const char *name)
{
    while (*list != NULL && strcmp((*list)->name, name) != 0) {
        list = &(*list)->next;
    }
    if (*list == NULL) {
        *list = arena_allocate(arena, sizeof **list);
        (*list)->name = name;
        const char *const key[] = {",\"", name, "\":"};
        (*list)->key = arena_join(arena, key, sizeof key / sizeof key[0]);
        (*list)->length = strlen((*list)->key);
    }
    return *list;
}

static void add_column(struct arena *arena, struct row_plan *plan, int column)
{
    struct row_member **list = &plan->members;
    const char *name = rows_column_name(plan->rows, column);
    for (size_t length = strcspn(name, "."); name[length] == '.'; length = strcspn(name, ".")) {
        list = &find_member(arena, list, arena_copy(arena, name, length))->group;
        name += length + 1;
    }
    struct row_member *member = find_member(arena, list, name);
    member->column = column;
    member->type = rows_column_type(plan->rows, column);
}

const struct row_plan *row_plan_make(struct arena *arena, const struct rows *rows,
                                     const char *fields)
{
    struct row_plan *plan = arena_allocate(arena, sizeof *plan);
    plan->rows = rows;
    for (int column = 0; column < rows_column_count(rows); column++) {
        if (row_shows(rows_column_name(rows, column), fields)) {
            add_column(arena, plan, column);
        }
    }
    return plan;
}

/* False: it is null. */
static bool write_value(const struct row_plan *plan, int row, const struct row_member *member,
                        struct buffer *buffer)
{
    const char *value = rows_value(plan->rows, row, member->column);
    if (value == NULL) {
        buffer_add(buffer, "null", 4);
        return false;
    }
    switch (member->type) {
    case ROW_BOOLEAN:
        buffer_add_text(buffer, value[0] == 't' ? "true" : "false");
        return true;
    case ROW_NUMBER:
        json_add_number(buffer, value);
        return true;
    case ROW_TIME:
        json_add_time(buffer, value);
        return true;
    case ROW_JSON:
        json_add_compact(buffer, value);
        return strcmp(value, "null") != 0;
    case ROW_TEXT:
    default:
        json_add_text(buffer, value, rows_length(plan->rows, row, member->column));
        return true;
    }
}

static bool write_group(const struct row_plan *plan, int row, const struct row_member *group,
                        struct buffer *buffer);

/* False: all of them are null. */
static bool write_members(const struct row_plan *plan, int row, const struct row_member *first,
                          struct buffer *buffer)
{
    bool any = false;
    for (const struct row_member *member = first; member != NULL; member = member->next) {
        const size_t skipped = json_needs_comma(buffer) ? 0 : 1;
        buffer_add(buffer, member->key + skipped, member->length - skipped);
        bool present = member->group != NULL ? write_group(plan, row, member, buffer)
                                             : write_value(plan, row, member, buffer);
        any = any || present;
    }
    return any;
}

static bool write_group(const struct row_plan *plan, int row, const struct row_member *group,
                        struct buffer *buffer)
{
    size_t start = buffer->length;
    buffer_add(buffer, "{", 1);
    bool any = write_members(plan, row, group->group, buffer);
    buffer_add(buffer, "}", 1);
    if (!any) {
        buffer->length = start;
        buffer_add(buffer, "null", 4);
    }
    return any;
}

void row_write_members(const struct row_plan *plan, int row, struct buffer *buffer)
{
    (void)write_members(plan, row, plan->members, buffer);
}

void row_write(const struct row_plan *plan, int row, struct buffer *buffer)
{
    buffer_add(buffer, "{", 1);
    row_write_members(plan, row, buffer);
    buffer_add(buffer, "}", 1);
}

json_t *row_tree(struct arena *arena, const struct rows *rows, int row, const char *fields)
{
    struct buffer buffer = {.bytes = NULL};
    row_write(row_plan_make(arena, rows, fields), row, &buffer);
    return json_tree_of(&buffer);
}

bool row_knows(struct arena *arena, const struct rows *rows, const char *fields,
               const char **unknown)
{
    for (const char *at = fields;; at++) {
        const char *name = arena_copy(arena, at, strcspn(at, ","));
        bool known = false;
        for (int column = 0; column < rows_column_count(rows) && !known; column++) {
            known = row_shows(rows_column_name(rows, column), name);
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

const char *row_names(struct arena *arena, const struct rows *rows)
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
