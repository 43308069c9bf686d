#include "http/request/parameter.h"

#include "base/syntax.h"
#include "base/text.h"
#include "http/message/problem.h"
#include "http/request/media_type.h"
#include "http/request/query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_TEXT = 1000 };

static const char *const languages[] = {"en", "fr", NULL};
static const struct parameter language_parameter = {
    .name = "lang", .type = PARAMETER_CHOICE, .choices = languages};

static void add_fault(struct exchange *exchange, const char *name, enum message message,
                      const char *first, const char *second, const char *third)
{
    if (fault_reserve(exchange)) {
        fault_add(exchange, FAULT_PARAMETER, name, NULL,
                  exchange_sentence(exchange, message, first, second, third));
    }
}

/* Whether each item of a list separated by commas is a choice. */
static bool are_choices(const char *const *choices, const char *text)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        if (!text_is_one_of(choices, text, length)) {
            return false;
        }
        if (text[length] == '\0') {
            return true;
        }
        text += length + 1;
    }
}

static char *upper_case(struct arena *arena, const char *text)
{
    char *upper = arena_copy_text(arena, text);
    for (char *at = upper; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    return upper;
}

static const char *read_number(struct exchange *exchange, const struct parameter *parameter,
                               const char *text)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool streamed = media_type_of(exchange)->streamed_rows;
    long most =
        streamed && parameter->most_in_lines > 0 ? parameter->most_in_lines : parameter->most;
    if (isdigit((unsigned char)text[0]) && errno == 0 && *end == '\0' &&
        number >= parameter->least && number <= most) {
        return arena_print(exchange->arena, "%ld", number);
    }
    add_fault(exchange, parameter->name, MESSAGE_NOT_A_NUMBER, text,
              arena_print(exchange->arena, "%ld", parameter->least),
              arena_print(exchange->arena, "%ld", most));
    return NULL;
}

/* Knowledge time cannot be in the future. */
static const char *read_time(struct exchange *exchange, const struct parameter *parameter,
                             const char *text)
{
    char canonical[SYNTAX_TIME_SIZE];
    if (!syntax_read_time(text, canonical)) {
        add_fault(exchange, parameter->name, MESSAGE_NOT_A_TIME, text, NULL, NULL);
        return NULL;
    }
    time_t soon = time(NULL) + 1;
    struct tm utc;
    char latest[SYNTAX_TIME_SIZE];
    (void)strftime(latest, sizeof latest, "%Y-%m-%dT%H:%M:%S.999999Z", gmtime_r(&soon, &utc));
    if (strcmp(canonical, latest) > 0) {
        add_fault(exchange, parameter->name, MESSAGE_NOT_YET, text, NULL, NULL);
        return NULL;
    }
    return arena_copy_text(exchange->arena, canonical);
}

static const char *read_checked(struct exchange *exchange, const struct parameter *parameter,
                                const char *text, bool good, enum message fault,
                                const char *choices)
{
    if (!good) {
        add_fault(exchange, parameter->name, fault, text, choices, NULL);
        return NULL;
    }
    return text;
}

static const char *read_text(struct exchange *exchange, const struct parameter *parameter,
                             const char *text)
{
    const char *what =
        exchange_sentence(exchange, MESSAGE_THE_PARAMETER, parameter->name, NULL, NULL);
    if (syntax_has_control(text)) {
        add_fault(exchange, parameter->name, MESSAGE_CONTROL_CHARACTER, what, NULL, NULL);
        return NULL;
    }
    if (syntax_count_characters(text) > MAX_TEXT) {
        add_fault(exchange, parameter->name, MESSAGE_TOO_LONG,
                  arena_print(exchange->arena, "%d", MAX_TEXT), NULL, NULL);
        return NULL;
    }
    return text;
}

/* The canonical value; NULL after a fault was added. */
static const char *read_value(struct exchange *exchange, const struct parameter *parameter,
                              const char *text)
{
    switch (parameter->type) {
    case PARAMETER_DATE:
        return read_checked(exchange, parameter, text, syntax_is_date(text), MESSAGE_NOT_A_DATE,
                            NULL);
    case PARAMETER_TIME:
        return read_time(exchange, parameter, text);
    case PARAMETER_BOOLEAN:
        return read_checked(exchange, parameter, text,
                            strcmp(text, "true") == 0 || strcmp(text, "false") == 0,
                            MESSAGE_NOT_A_BOOLEAN, NULL);
    case PARAMETER_NUMBER:
        return read_number(exchange, parameter, text);
    case PARAMETER_CHOICE:
        return read_checked(exchange, parameter, text,
                            text_is_one_of(parameter->choices, text, strlen(text)),
                            MESSAGE_NOT_A_CHOICE, text_join(exchange->arena, parameter->choices));
    case PARAMETER_CHOICES:
        return read_checked(exchange, parameter, text, are_choices(parameter->choices, text),
                            MESSAGE_NOT_A_CHOICE, text_join(exchange->arena, parameter->choices));
    case PARAMETER_STATE:
        return read_checked(exchange, parameter, upper_case(exchange->arena, text),
                            syntax_is_state_code(text), MESSAGE_NOT_A_CODE, NULL);
    case PARAMETER_TEXT:
    case PARAMETER_NAMES:
    default:
        return read_text(exchange, parameter, text);
    }
}

static const struct parameter *find_in(const struct parameter *table, const char *name)
{
    for (const struct parameter *row = table; row != NULL && row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* `lang` is taken everywhere, `format` if the route has several media types. */
static const struct parameter *find(struct exchange *exchange, const struct parameter *table,
                                    const char *name)
{
    if (strcmp(name, language_parameter.name) == 0) {
        return &language_parameter;
    }
    const char *const *names = strcmp(name, "format") == 0 ? media_type_names(exchange) : NULL;
    if (names != NULL) {
        struct parameter *parameter = arena_allocate(exchange->arena, sizeof *parameter);
        *parameter =
            (struct parameter){.name = "format", .type = PARAMETER_CHOICE, .choices = names};
        return parameter;
    }
    return find_in(table, name);
}

static void refuse_unknown(struct exchange *exchange, const struct parameter *table,
                           const char *name)
{
    if (!fault_reserve(exchange)) {
        return;
    }
    const char *known = media_type_names(exchange) != NULL ? "lang, format" : "lang";
    for (const struct parameter *row = table; row != NULL && row->name != NULL; row++) {
        known = arena_print(exchange->arena, "%s, %s", known, row->name);
    }
    add_fault(exchange, name, MESSAGE_UNKNOWN_PARAMETER, name, known, NULL);
}

static void read_pair(struct exchange *exchange, const struct parameter *table,
                      const struct query_pair *pair)
{
    char *name = query_decode(exchange->arena, pair->name, pair->name_length);
    char *text = query_decode(exchange->arena, pair->value, pair->value_length);
    if (name == NULL || text == NULL) {
        char *shown = arena_copy(exchange->arena, pair->name, pair->name_length);
        const char *what = exchange_sentence(exchange, MESSAGE_THE_PARAMETER, shown, NULL, NULL);
        add_fault(exchange, shown, MESSAGE_BAD_ENCODING, what, NULL, NULL);
        return;
    }
    const struct parameter *parameter = find(exchange, table, name);
    if (parameter == NULL) {
        refuse_unknown(exchange, table, name);
    } else if (exchange_parameter(exchange, name) != NULL) {
        add_fault(exchange, name, MESSAGE_REPEATED_PARAMETER, name, NULL, NULL);
    } else if (text[0] == '\0') {
        add_fault(exchange, name, MESSAGE_EMPTY_PARAMETER, name, NULL, NULL);
    } else {
        const char *value = read_value(exchange, parameter, text);
        /* An invalid value still counts as given, so that a repetition is found. */
        exchange_set_parameter(exchange, parameter->name, value != NULL ? value : text);
    }
}

/* The parameters in the order of the table, with canonical values. */
static const char *canonical_query_make(struct exchange *exchange, const struct parameter *table)
{
    const char *query = "";
    for (const struct parameter *row = table; row != NULL && row->name != NULL; row++) {
        const char *value = exchange_parameter(exchange, row->name);
        if (value != NULL) {
            query = arena_print(exchange->arena, "%s%s%s=%s", query, query[0] != '\0' ? "&" : "",
                                row->name, syntax_encode_percent(exchange->arena, value));
        }
    }
    return query;
}

void parameters_read(struct exchange *exchange, const struct parameter *table)
{
    const char *at = exchange->query;
    for (struct query_pair pair; query_next(&at, &pair);) {
        read_pair(exchange, table, &pair);
    }
    for (const struct parameter *row = table; row != NULL && row->name != NULL; row++) {
        if (row->required && exchange_parameter(exchange, row->name) == NULL) {
            add_fault(exchange, row->name, MESSAGE_REQUIRED_PARAMETER, row->name, NULL, NULL);
        }
    }
    exchange->canonical_query = canonical_query_make(exchange, table);
}
