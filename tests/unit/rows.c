/* Rows as JSON, byte for byte as Jansson would write them. */
#include "base/memory.h"
#include "cases.h"
#include "render/json.h"
#include "render/row.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 8, FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };

/* Types by their number in PostgreSQL. */
enum { BOOLEAN = 16, BIGINT = 20, TEXT = 25, JSON = 114, DATE = 1082, TIME = 1184, NUMERIC = 1700 };

/* A column, and its value in the one row; NULL: null. */
struct cell {
    const char *name; /* NULL ends a row */
    Oid type;
    const char *value;
};

static struct rows *rows_of(struct arena *arena, const struct cell *cells)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns[MAX_COLUMNS] = {{.name = NULL}};
    int count = 0;
    for (; cells[count].name != NULL; count++) {
        columns[count].name = arena_copy_text(arena, cells[count].name);
        columns[count].typid = cells[count].type;
    }
    ck_assert(PQsetResultAttrs(result, count, columns) != 0);
    for (int column = 0; column < count; column++) {
        const char *value = cells[column].value;
        ck_assert(PQsetvalue(result, 0, column, arena_copy_text(arena, value),
                             value != NULL ? (int)strlen(value) : -1) != 0);
    }
    return rows_of_result(result);
}

static json_t *tree_of(struct arena *arena, const struct cell *cell)
{
    if (cell->value == NULL) {
        return json_null();
    }
    switch (cell->type) {
    case BOOLEAN:
        return json_boolean(cell->value[0] == 't');
    case BIGINT:
        return json_integer(strtoll(cell->value, NULL, 10));
    case NUMERIC:
        return json_real(strtod(cell->value, NULL));
    case TIME:
        return json_string(render_time(arena, cell->value));
    case JSON:
        return json_loads(cell->value, JSON_DECODE_ANY, NULL);
    default:
        return json_string(cell->value);
    }
}

static bool is_null(json_t *value)
{
    const char *name = NULL;
    json_t *member = NULL;
    json_object_foreach(value, name, member) {
        if (!json_is_null(member)) {
            return false;
        }
    }
    return true;
}

/* Sets a member of the object that a dotted name is in. */
static void set_in_group(struct arena *arena, json_t *row, const struct cell *cell)
{
    const char *dot = strchr(cell->name, '.');
    const char *group = arena_copy(arena, cell->name, (size_t)(dot - cell->name));
    if (json_object_get(row, group) == NULL) {
        json_object_set_new(row, group, json_object());
    }
    json_object_set_new(json_object_get(row, group), dot + 1, tree_of(arena, cell));
}

static void fold_group(struct arena *arena, json_t *row, const char *name)
{
    const char *group = arena_copy(arena, name, strcspn(name, "."));
    json_t *members = json_object_get(row, group);
    if (json_is_object(members) && is_null(members)) {
        json_object_set_new(row, group, json_null());
    }
}

/* The row as Jansson writes it. */
static char *expected(struct arena *arena, const struct cell *cells)
{
    json_t *row = json_object();
    for (const struct cell *cell = cells; cell->name != NULL; cell++) {
        if (strchr(cell->name, '.') != NULL) {
            set_in_group(arena, row, cell);
        } else if (cell->name[0] != '_') {
            json_object_set_new(row, cell->name, tree_of(arena, cell));
        }
    }
    for (const struct cell *cell = cells; cell->name != NULL; cell++) {
        if (strchr(cell->name, '.') != NULL) {
            fold_group(arena, row, cell->name);
        }
    }
    char *text = json_dumps(row, FLAGS);
    json_decref(row);
    return text;
}

/* The buffer's bytes as text; frees them with the arena. */
static const char *text_of(struct arena *arena, struct buffer *buffer)
{
    const char *text = arena_copy(arena, buffer->bytes, buffer->length);
    free(buffer->bytes);
    *buffer = (struct buffer){.bytes = NULL};
    return text;
}

static const char *written(struct arena *arena, const struct rows *rows, const char *fields)
{
    struct buffer buffer = {.bytes = NULL};
    row_write(row_plan_make(arena, rows, fields), 0, &buffer);
    return text_of(arena, &buffer);
}

static const struct cell examples[][MAX_COLUMNS] = {
    {{"a", TEXT, "x"}, {"_hidden", TEXT, "y"}, {"b", TEXT, NULL}, {"c", TEXT, ""}},
    {{"t", BOOLEAN, "t"}, {"f", BOOLEAN, "f"}, {"n", BOOLEAN, NULL}},
    {{"i", BIGINT, "0"}, {"j", BIGINT, "-9223372036854775808"}, {"k", BIGINT, NULL}},
    {{"r", NUMERIC, "0.66666667"},
     {"s", NUMERIC, "12.50"},
     {"t", NUMERIC, "1e+20"},
     {"u", NUMERIC, "0.00000012"},
     {"v", NUMERIC, "-0.5"}},
    {{"at", TIME, "2026-11-24 09:30:00.5+00"},
     {"ever", TIME, "infinity"},
     {"on", DATE, "1992-02-05"}},
    {{"g.a", TEXT, "x"}, {"g.b", TEXT, NULL}, {"h.a", TEXT, NULL}, {"h.b", JSON, NULL}},
    {{"g.a", TEXT, NULL}, {"between", TEXT, "x"}, {"g.b", JSON, "[ 1, 2 ]"}},
    {{"g.a", JSON, "null"}, {"g.b", BOOLEAN, NULL}, {"h.a", BOOLEAN, "f"}},
    {{"a", TEXT, "\"\\/\b\f\n\r\t\x01\x1f\x7f"}, {"b", TEXT, "é€𝄞\xe2\x80\xa8"}},
    {{"j", JSON, "{\"a\" : null, \"b\" : {}, \"c\":[]}"}, {"k", JSON, "{\"a\": null}"}},
    {{.name = NULL}},
};

START_TEST(a_row_is_what_jansson_writes)
{
    struct arena *arena = arena_open();
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct rows *rows = rows_of(arena, examples[i]);
        char *text = expected(arena, examples[i]);
        ck_assert_str_eq(written(arena, rows, NULL), text);
        free(text);
        rows_free(rows);
    }
    arena_close(arena);
}
END_TEST

START_TEST(fields_choose_top_level_members_but_none_that_is_hidden)
{
    static const struct cell cells[] = {{"code", TEXT, "ITA"},       {"signature.date", DATE, NULL},
                                        {"signature.by", TEXT, "x"}, {"sign", TEXT, "y"},
                                        {"_key", TEXT, "z"},         {.name = NULL}};
    struct arena *arena = arena_open();
    struct rows *rows = rows_of(arena, cells);
    ck_assert_str_eq(written(arena, rows, "signature,code"),
                     "{\"code\":\"ITA\",\"signature\":{\"date\":null,\"by\":\"x\"}}");
    ck_assert_str_eq(written(arena, rows, "sign,_key"), "{\"sign\":\"y\"}");
    ck_assert_str_eq(written(arena, rows, "other"), "{}");
    rows_free(rows);
    arena_close(arena);
}
END_TEST

/* All characters of one byte but the escape, and the escapes that JSON has. */
static const char *every_string(struct arena *arena)
{
    struct buffer buffer = {.bytes = NULL};
    buffer_add_text(&buffer, "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e9\\ud834\\udd1e\", \"");
    for (char byte = ' '; byte < 0x7f; byte++) {
        if (byte != '"' && byte != '\\') {
            buffer_add(&buffer, &byte, 1);
        }
    }
    buffer_add_text(&buffer, "\x7fé\"");
    for (int control = 1; control < ' '; control++) {
        buffer_add_text(&buffer, arena_print(arena, ", \"a\\u%04xb\"", (unsigned)control));
    }
    buffer_add_text(&buffer, "]");
    return text_of(arena, &buffer);
}

START_TEST(json_of_the_database_is_compacted_as_jansson_does)
{
    struct arena *arena = arena_open();
    const char *const cases[] = {
        "null",
        "true",
        "false",
        " { } ",
        "[]",
        "[ ]",
        "0",
        "-1",
        "1.0",
        "0.6667",
        "1E5",
        "1e-7",
        "123456.789",
        "123456789.5",
        "\"\"",
        "\"a b\"",
        "\"\\\\\"",
        "\"\\\\\\\"\"",
        "[true,false , null]",
        "[1,-2 ,3.50, 4e0]",
        "[\"1\", \" : \", \"{ }\"]",
        "{\"a\" : 1, \"b\" : {\"c\" : [{\"d\" : null}, \n {\"e\" : \"f \\\" , g\"}]}}",
        "{\"\\u00e9\" : \"\\u001f\", \"/\" : \"\\/\"}",
        every_string(arena)};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer buffer = {.bytes = NULL};
        json_add_compact(&buffer, cases[i]);
        json_t *tree = json_loads(cases[i], JSON_DECODE_ANY, NULL);
        char *text = json_dumps(tree, FLAGS);
        ck_assert_str_eq(text_of(arena, &buffer), text);
        free(text);
        json_decref(tree);
    }
    arena_close(arena);
}
END_TEST

START_TEST(every_character_of_one_byte_is_escaped_as_jansson_does)
{
    struct arena *arena = arena_open();
    for (int byte = 1; byte < 0x80; byte++) {
        const char text[] = {'a', (char)byte, 'b', '\0'};
        struct buffer buffer = {.bytes = NULL};
        json_add_text(&buffer, text, 3);
        json_t *string = json_string(text);
        char *dumped = json_dumps(string, FLAGS);
        ck_assert_str_eq(text_of(arena, &buffer), dumped);
        free(dumped);
        json_decref(string);
    }
    arena_close(arena);
}
END_TEST

START_TEST(members_are_added_to_an_object_that_is_reopened)
{
    struct arena *arena = arena_open();
    struct buffer buffer = {.bytes = NULL};
    json_add_tree(&buffer, NULL);
    ck_assert_str_eq(text_of(arena, &buffer), "null");
    buffer_add_text(&buffer, "{}");
    for (int i = 0; i < 2; i++) {
        json_reopen(&buffer);
        json_add_name(&buffer, i == 0 ? "a" : "b\"");
        json_add_number(&buffer, "1");
        buffer_add(&buffer, "}", 1);
    }
    ck_assert_str_eq(text_of(arena, &buffer), "{\"a\":1,\"b\\\"\":1}");
    arena_close(arena);
}
END_TEST

TCase *rows_case(void)
{
    TCase *rows = tcase_create("rows");
    tcase_add_test(rows, a_row_is_what_jansson_writes);
    tcase_add_test(rows, fields_choose_top_level_members_but_none_that_is_hidden);
    tcase_add_test(rows, json_of_the_database_is_compacted_as_jansson_does);
    tcase_add_test(rows, every_character_of_one_byte_is_escaped_as_jansson_does);
    tcase_add_test(rows, members_are_added_to_an_object_that_is_reopened);
    return rows;
}
