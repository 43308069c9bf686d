#include "http/field.h"

#include "http/form.h"
#include "http/problem.h"

#include <string.h>

static void add_fault(struct exchange *exchange, const char *pointer, enum message message,
                      const char *first, const char *second)
{
    fault_add(exchange, FAULT_POINTER, pointer, NULL,
              message_fill(exchange->arena, exchange->language, message, first, second, NULL));
}

static void wrong_type(struct exchange *exchange, const char *pointer, enum message expected)
{
    add_fault(exchange, pointer, MESSAGE_WRONG_TYPE, message_text(exchange->language, expected),
              NULL);
}

/* RFC 6901 §3: ~ and / in a name are written ~0 and ~1. */
static const char *pointer_to(struct exchange *exchange, const char *parent, const char *name)
{
    char *escaped = arena_allocate(exchange->arena, 2 * strlen(name) + 1);
    char *to = escaped;
    for (const char *from = name; *from != '\0'; from++) {
        if (*from == '~' || *from == '/') {
            *to++ = '~';
            *to++ = *from == '~' ? '0' : '1';
        } else {
            *to++ = *from;
        }
    }
    return arena_print(exchange->arena, "%s/%s", parent, escaped);
}

static void check_text(struct exchange *exchange, const char *pointer, enum field_type type,
                       int longest, const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL) {
        wrong_type(exchange, pointer, MESSAGE_A_TEXT);
        return;
    }
    if (text[0] == '\0') {
        add_fault(exchange, pointer, MESSAGE_EMPTY_TEXT, NULL, NULL);
        return;
    }
    if (form_has_control(text)) {
        add_fault(exchange, pointer, MESSAGE_CONTROL_CHARACTER,
                  message_text(exchange->language, MESSAGE_THE_TEXT), NULL);
        return;
    }
    if (longest > 0 && form_count_characters(text) > (size_t)longest) {
        add_fault(exchange, pointer, MESSAGE_TOO_LONG, arena_print(exchange->arena, "%d", longest),
                  NULL);
        return;
    }
    if (type == FIELD_DATE && !form_is_date(text)) {
        add_fault(exchange, pointer, MESSAGE_NOT_A_DATE, text, NULL);
    } else if (type == FIELD_STATE && (!form_is_state_code(text) || strlen(text) != 3)) {
        add_fault(exchange, pointer, MESSAGE_NOT_A_CODE, text, NULL);
    } else if (type == FIELD_REFERENCE && !form_is_reference(text)) {
        add_fault(exchange, pointer, MESSAGE_NOT_A_REFERENCE, text, NULL);
    } else if (type == FIELD_CALL && !form_is_call_reference(text)) {
        add_fault(exchange, pointer, MESSAGE_NOT_A_CALL, text, NULL);
    } else if (type == FIELD_URL && !form_is_url(text)) {
        add_fault(exchange, pointer, MESSAGE_NOT_A_URL, text, NULL);
    }
}

static void check_list(struct exchange *exchange, const char *pointer, const struct field *field,
                       const json_t *value)
{
    if (!json_is_array(value)) {
        wrong_type(exchange, pointer, MESSAGE_A_LIST);
        return;
    }
    if (json_array_size(value) > (size_t)field->longest) {
        add_fault(exchange, pointer, MESSAGE_TOO_MANY,
                  arena_print(exchange->arena, "%d", field->longest), NULL);
        return;
    }
    enum field_type entry_type = field->type == FIELD_URLS ? FIELD_URL : FIELD_TEXT;
    size_t index = 0;
    json_t *entry = NULL;
    json_array_foreach(value, index, entry) {
        check_text(exchange, arena_print(exchange->arena, "%s/%zu", pointer, index), entry_type,
                   FIELD_ENTRY_LONGEST, entry);
    }
}

static void check_object(struct exchange *exchange, const char *pointer, const struct field *table,
                         json_t *object);

static void check_field(struct exchange *exchange, const char *pointer, const struct field *field,
                        json_t *value)
{
    switch (field->type) {
    case FIELD_TEXTS:
    case FIELD_URLS:
        check_list(exchange, pointer, field, value);
        break;
    case FIELD_OBJECT:
        check_object(exchange, pointer, field->members, value);
        break;
    default:
        check_text(exchange, pointer, field->type, field->longest, value);
    }
}

static const struct field *find(const struct field *table, const char *name)
{
    for (const struct field *field = table; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field;
        }
    }
    return NULL;
}

static const char *names_of(struct exchange *exchange, const struct field *table)
{
    const char *names = table->name;
    for (const struct field *field = table + 1; field->name != NULL; field++) {
        names = arena_print(exchange->arena, "%s, %s", names, field->name);
    }
    return names;
}

/* An optional field that is null is a field left out. */
static void check_object(struct exchange *exchange, const char *pointer, const struct field *table,
                         json_t *object)
{
    if (!json_is_object(object)) {
        wrong_type(exchange, pointer, MESSAGE_AN_OBJECT);
        return;
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value) {
        const struct field *field = find(table, name);
        const char *place = pointer_to(exchange, pointer, name);
        if (field == NULL) {
            add_fault(exchange, place, MESSAGE_UNKNOWN_FIELD, name, names_of(exchange, table));
        } else if (!json_is_null(value)) {
            check_field(exchange, place, field, value);
        }
    }
    for (const struct field *field = table; field->name != NULL; field++) {
        const json_t *given = json_object_get(object, field->name);
        if (field->required && (given == NULL || json_is_null(given))) {
            add_fault(exchange, pointer_to(exchange, pointer, field->name), MESSAGE_REQUIRED_FIELD,
                      field->name, NULL);
        }
    }
}

void fields_check(struct exchange *exchange, const struct field *table, json_t *value)
{
    check_object(exchange, "", table, value);
}

bool fields_read(struct exchange *exchange, const struct field *table)
{
    json_error_t error;
    exchange->body = json_loadb(exchange->request_bytes, exchange->request_length,
                                JSON_REJECT_DUPLICATES, &error);
    if (exchange->request_length == 0) {
        problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                      message_text(exchange->language, MESSAGE_BODY_MISSING));
        return false;
    }
    if (exchange->body == NULL) {
        const char *line = arena_print(exchange->arena, "%d", error.line);
        const char *column = arena_print(exchange->arena, "%d", error.column);
        problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                      message_fill(exchange->arena, exchange->language, MESSAGE_BROKEN_JSON, line,
                                   column, error.text));
        return false;
    }
    if (!json_is_object(exchange->body)) {
        problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                      message_text(exchange->language, MESSAGE_BODY_MISSING));
        return false;
    }
    check_object(exchange, "", table, exchange->body);
    return true;
}
