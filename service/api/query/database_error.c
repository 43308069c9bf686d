#include "api/query/database_error.h"

#include "base/log.h"
#include "http/message/problem.h"

#include <string.h>

/* SQLSTATEs of class T5, raised by functions of the register. */
static const struct {
    const char *sqlstate;
    enum problem_type problem;
} states[] = {
    {"T5001", PROBLEM_NOT_FOUND},
    {"T5002", PROBLEM_VOIDED},
};

void database_error_unavailable(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_UNAVAILABLE,
                  message_text(exchange->language, MESSAGE_TRY_LATER));
    reply_header(exchange, "Retry-After", "1");
}

void database_error_outcome_unknown(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_UNAVAILABLE,
                  message_text(exchange->language, MESSAGE_OUTCOME_UNKNOWN));
    reply_header(exchange, "Retry-After", "1");
}

/* rule_name → rule-name, as the problem type's address has it. */
static const char *slug_of(struct exchange *exchange, const char *rule)
{
    char *slug = arena_copy_text(exchange->arena, rule);
    for (char *at = slug; *at != '\0'; at++) {
        if (*at == '_') {
            *at = '-';
        }
    }
    return slug;
}

/* A breach's text in the exchange's language: member_en or member_fr. */
static const char *localized(const struct exchange *exchange, const json_t *breach,
                             const char *member)
{
    const char *name =
        arena_print(exchange->arena, "%s_%s", member, language_tag(exchange->language));
    const char *text = json_string_value(json_object_get(breach, name));
    return text != NULL ? text : "";
}

/* A breach by a row of a file has its line. A breach elsewhere in the register has neither a line
 * nor a field of the file. */
static void add_breach(struct exchange *exchange, const json_t *breach)
{
    const json_t *line = json_object_get(breach, "line");
    exchange->line = (int)json_integer_value(line);
    const char *rule = json_string_value(json_object_get(breach, "rule"));
    const char *field =
        json_is_null(line) ? NULL : json_string_value(json_object_get(breach, "field"));
    const char *pointer = field != NULL ? arena_print(exchange->arena, "/%s", field) : NULL;
    const char *type =
        arena_print(exchange->arena, "/problems/%s", slug_of(exchange, rule != NULL ? rule : ""));
    fault_add(exchange, FAULT_POINTER, pointer, type, localized(exchange, breach, "detail"));
}

static void refuse_unlawful(struct exchange *exchange, const struct store_fault *fault)
{
    json_t *breaches =
        fault->detail != NULL ? json_loads(fault->detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    size_t index = 0;
    json_t *breach = NULL;
    json_array_foreach(breaches, index, breach) {
        add_breach(exchange, breach);
    }
    const json_t *first = json_array_get(breaches, 0);
    problem_reply_as(
        exchange, slug_of(exchange, fault->constraint != NULL ? fault->constraint : ""), 422,
        localized(exchange, first, "title"), fault_found(exchange) ? NULL : fault->message);
    json_decref(breaches);
}

/* The faults of a file: their number and the first of them, added to those of its form. */
static void refuse_rows(struct exchange *exchange, const struct store_fault *fault)
{
    json_t *found =
        fault->detail != NULL ? json_loads(fault->detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *breaches = json_object_get(found, "faults");
    json_t *of_form = exchange->faults;
    size_t index = 0;
    json_t *breach = NULL;
    exchange->faults = json_array();
    json_array_foreach(breaches, index, breach) {
        add_breach(exchange, breach);
    }
    exchange->line = 0;
    exchange->fault_count +=
        (size_t)json_integer_value(json_object_get(found, "count")) - json_array_size(breaches);
    json_decref(found);
    json_array_extend(exchange->faults, of_form);
    json_decref(of_form);
    faults_sort(exchange);
    problem_reply(exchange, PROBLEM_ROWS_REFUSED, NULL);
}

void database_error_refused(struct exchange *exchange, const struct store_fault *fault)
{
    if (strcmp(fault->sqlstate, "T6001") == 0) {
        refuse_rows(exchange, fault);
        return;
    }
    if (strncmp(fault->sqlstate, "T4", 2) == 0) {
        refuse_unlawful(exchange, fault);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(fault->sqlstate, states[i].sqlstate) == 0) {
            problem_reply(exchange, states[i].problem, NULL);
            return;
        }
    }
    log_event(LOG_LEVEL_ERROR, "statement_refused", log_text("sqlstate", fault->sqlstate),
              log_text("constraint", fault->constraint), log_text("error", fault->message),
              log_text("request_id", exchange->request_id));
    /* Classes 22 and 23: a value that no type or constraint takes came from the client. */
    if (strncmp(fault->sqlstate, "22", 2) == 0 || strncmp(fault->sqlstate, "23", 2) == 0) {
        problem_reply(exchange, PROBLEM_INVALID_FIELD,
                      message_text(exchange->language, MESSAGE_VALUE_REFUSED));
    } else {
        problem_reply(exchange, PROBLEM_INTERNAL, NULL);
    }
}
