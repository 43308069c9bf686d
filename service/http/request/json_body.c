#include "http/request/json_body.h"

#include "base/syntax.h"
#include "base/text.h"
#include "http/message/problem.h"

#include <string.h>

void json_body_fault(struct exchange *exchange, const char *pointer, enum message message,
                     const char *first, const char *second)
{
    if (fault_reserve(exchange)) {
        fault_add(exchange, FAULT_POINTER, pointer, NULL,
                  exchange_sentence(exchange, message, first, second, NULL));
    }
}

static void wrong_type(struct exchange *exchange, const char *pointer, enum message expected)
{
    json_body_fault(exchange, pointer, MESSAGE_WRONG_TYPE,
                    message_text(exchange->language, expected), NULL);
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

static bool is_alpha2(const char *text)
{
    return syntax_is_state_code(text) && strlen(text) == 2;
}

static bool is_numeric_code(const char *text)
{
    return strspn(text, "0123456789") == 3 && text[3] == '\0';
}

static bool is_reference_or_name(const char *text)
{
    return syntax_is_reference(text) || syntax_is_local_name(text);
}

static bool is_time(const char *text)
{
    char canonical[SYNTAX_TIME_SIZE];
    return syntax_read_time(text, canonical);
}

static const struct {
    enum json_field_type type;
    bool (*is_valid)(const char *text);
    enum message fault;
} syntaxes[] = {
    {FIELD_DATE, syntax_is_date, MESSAGE_NOT_A_DATE},
    {FIELD_TIME, is_time, MESSAGE_NOT_A_TIME},
    {FIELD_STATE, syntax_is_alpha3, MESSAGE_NOT_A_CODE},
    {FIELD_ALPHA2, is_alpha2, MESSAGE_NOT_AN_ALPHA2},
    {FIELD_NUMERIC_CODE, is_numeric_code, MESSAGE_NOT_A_NUMERIC_CODE},
    {FIELD_REFERENCE, syntax_is_reference, MESSAGE_NOT_A_REFERENCE},
    {FIELD_REFERENCE_OR_NAME, is_reference_or_name, MESSAGE_NOT_A_REFERENCE_OR_NAME},
    {FIELD_CALL, syntax_is_call_reference, MESSAGE_NOT_A_CALL},
    {FIELD_URL, syntax_is_url, MESSAGE_NOT_A_URL},
    {FIELD_UUID, syntax_is_uuid, MESSAGE_NOT_A_UUID},
};

static void check_syntax(struct exchange *exchange, const char *pointer, enum json_field_type type,
                         const char *text)
{
    for (size_t i = 0; i < sizeof syntaxes / sizeof syntaxes[0]; i++) {
        if (syntaxes[i].type == type && !syntaxes[i].is_valid(text)) {
            json_body_fault(exchange, pointer, syntaxes[i].fault, text, NULL);
        }
    }
}

/* A text, or an entry of a list of texts: type and max_length are those of the entry then. */
static void check_text(struct exchange *exchange, const char *pointer,
                       const struct json_field *field, enum json_field_type type, int max_length,
                       const json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL) {
        wrong_type(exchange, pointer, MESSAGE_A_TEXT);
    } else if (text[0] == '\0') {
        json_body_fault(exchange, pointer, MESSAGE_EMPTY_TEXT, NULL, NULL);
    } else if (syntax_has_control(text)) {
        json_body_fault(exchange, pointer, MESSAGE_CONTROL_CHARACTER,
                        message_text(exchange->language, MESSAGE_THE_TEXT), NULL);
    } else if (max_length > 0 && syntax_count_characters(text) > (size_t)max_length) {
        json_body_fault(exchange, pointer, MESSAGE_TOO_LONG,
                        arena_print(exchange->arena, "%d", max_length), NULL);
    } else if (field->choices != NULL && !text_is_one_of(field->choices, text, strlen(text))) {
        json_body_fault(exchange, pointer, MESSAGE_NOT_A_CHOICE, text,
                        text_join(exchange->arena, field->choices));
    } else {
        check_syntax(exchange, pointer, type, text);
    }
}

static enum json_field_type entry_type(enum json_field_type list)
{
    return list == FIELD_URLS ? FIELD_URL : list == FIELD_STATES ? FIELD_STATE : FIELD_TEXT;
}

static void check_list(struct exchange *exchange, const char *pointer,
                       const struct json_field *field, const json_t *value)
{
    if (!json_is_array(value)) {
        wrong_type(exchange, pointer, MESSAGE_A_LIST);
        return;
    }
    if (json_array_size(value) > (size_t)field->longest) {
        json_body_fault(exchange, pointer, MESSAGE_TOO_MANY,
                        arena_print(exchange->arena, "%d", field->longest), NULL);
        return;
    }
    size_t index = 0;
    json_t *entry = NULL;
    json_array_foreach(value, index, entry) {
        check_text(exchange, arena_print(exchange->arena, "%s/%zu", pointer, index), field,
                   entry_type(field->type), MAX_LIST_ENTRY, entry);
    }
}

static void check_object(struct exchange *exchange, const char *pointer,
                         const struct json_field *table, json_t *object);

static void check_objects(struct exchange *exchange, const char *pointer,
                          const struct json_field *field, const json_t *value)
{
    if (!json_is_array(value)) {
        wrong_type(exchange, pointer, MESSAGE_A_LIST_OF_OBJECTS);
        return;
    }
    size_t count = json_array_size(value);
    if (count == 0 || count > (size_t)field->longest) {
        json_body_fault(exchange, pointer, count == 0 ? MESSAGE_LIST_EMPTY : MESSAGE_TOO_MANY,
                        arena_print(exchange->arena, "%d", field->longest), NULL);
        return;
    }
    size_t index = 0;
    json_t *entry = NULL;
    json_array_foreach(value, index, entry) {
        check_object(exchange, arena_print(exchange->arena, "%s/%zu", pointer, index),
                     field->members, entry);
    }
}

static void check_number(struct exchange *exchange, const char *pointer, const json_t *value)
{
    enum { MOST = 999999999 };
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > MOST) {
        wrong_type(exchange, pointer, MESSAGE_A_NUMBER);
    }
}

static void check_field(struct exchange *exchange, const char *pointer,
                        const struct json_field *field, json_t *value)
{
    switch (field->type) {
    case FIELD_NUMBER:
        check_number(exchange, pointer, value);
        break;
    case FIELD_OBJECTS:
        check_objects(exchange, pointer, field, value);
        break;
    case FIELD_DOCUMENT:
        if (!json_is_object(value)) {
            wrong_type(exchange, pointer, MESSAGE_AN_OBJECT);
        }
        break;
    case FIELD_BOOLEAN:
        if (!json_is_boolean(value)) {
            wrong_type(exchange, pointer, MESSAGE_A_BOOLEAN);
        }
        break;
    case FIELD_TEXTS:
    case FIELD_URLS:
    case FIELD_STATES:
        check_list(exchange, pointer, field, value);
        break;
    case FIELD_OBJECT:
        check_object(exchange, pointer, field->members, value);
        break;
    default:
        check_text(exchange, pointer, field, field->type, field->longest, value);
    }
}

static const struct json_field *find(const struct json_field *table, const char *name)
{
    for (const struct json_field *field = table; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field;
        }
    }
    return NULL;
}

static const char *names_of(struct exchange *exchange, const struct json_field *table)
{
    const char *names = table->name;
    for (const struct json_field *field = table + 1; field->name != NULL; field++) {
        names = arena_print(exchange->arena, "%s, %s", names, field->name);
    }
    return names;
}

static void refuse_unknown(struct exchange *exchange, const char *pointer,
                           const struct json_field *table, const char *name)
{
    if (fault_reserve(exchange)) {
        json_body_fault(exchange, pointer_to(exchange, pointer, name), MESSAGE_UNKNOWN_FIELD, name,
                        names_of(exchange, table));
    }
}

static void check_required(struct exchange *exchange, const char *pointer,
                           const struct json_field *table, const json_t *object)
{
    for (const struct json_field *field = table; field->name != NULL; field++) {
        const json_t *given = json_object_get(object, field->name);
        bool missing = field->required && (given == NULL || json_is_null(given));
        if (missing && fault_reserve(exchange)) {
            json_body_fault(exchange, pointer_to(exchange, pointer, field->name),
                            MESSAGE_REQUIRED_FIELD, field->name, NULL);
        }
    }
}

/* An optional field that is null counts as left out. */
static void check_object(struct exchange *exchange, const char *pointer,
                         const struct json_field *table, json_t *object)
{
    if (!json_is_object(object)) {
        wrong_type(exchange, pointer, MESSAGE_AN_OBJECT);
        return;
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value) {
        const struct json_field *field = find(table, name);
        if (field == NULL) {
            refuse_unknown(exchange, pointer, table, name);
        } else if (!json_is_null(value)) {
            check_field(exchange, pointer_to(exchange, pointer, name), field, value);
        }
    }
    check_required(exchange, pointer, table, object);
}

void json_body_check(struct exchange *exchange, const char *pointer, const struct json_field *table,
                     json_t *value)
{
    check_object(exchange, pointer, table, value);
}

/* A value takes up to a hundred times the memory of its bytes: commas and brackets tell, before the
 * body is parsed, how many values it has at most. */
static bool check_values(struct exchange *exchange)
{
    enum { MAX_VALUES = 500000 };
    size_t count = 0;
    for (size_t i = 0; i < exchange->request_length; i++) {
        const char byte = exchange->request_bytes[i];
        count += byte == ',' || byte == '[' || byte == '{';
    }
    if (count > MAX_VALUES) {
        problem_reply(exchange, PROBLEM_BODY_TOO_LARGE,
                      exchange_sentence(exchange, MESSAGE_TOO_MANY_VALUES,
                                        arena_print(exchange->arena, "%d", MAX_VALUES), NULL,
                                        NULL));
    }
    return count <= MAX_VALUES;
}

bool json_body_parse(struct exchange *exchange, const struct json_field *table)
{
    if (!check_values(exchange)) {
        return false;
    }
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
                      exchange_sentence(exchange, MESSAGE_BROKEN_JSON, line, column, error.text));
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
