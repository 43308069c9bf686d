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
    {"T5010", PROBLEM_WRONG_PERSON},
    {"T5011", PROBLEM_ALREADY_DECIDED},
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

/* A breach by an operation of a changeset has its place. */
static const char *pointer_of(const struct exchange *exchange, const json_t *breach, bool in_file)
{
    const json_t *line = json_object_get(breach, "line");
    const char *field = json_string_value(json_object_get(breach, "field"));
    bool reverts = !in_file && json_object_get(exchange->body, "operations") == NULL;
    if (json_is_null(line) || field == NULL || reverts) {
        return NULL; /* of a record that the body does not name */
    }
    return in_file || line == NULL
               ? arena_print(exchange->arena, "/%s", field)
               : arena_print(exchange->arena, "/operations/%" JSON_INTEGER_FORMAT "/%s",
                             json_integer_value(line) - 1, field);
}

/* A breach by a row of a file has its line. A breach elsewhere in the register has neither a line
 * nor a field of the file. */
static void add_breach(struct exchange *exchange, const json_t *breach, bool in_file)
{
    exchange->line = in_file ? (int)json_integer_value(json_object_get(breach, "line")) : 0;
    const char *rule = json_string_value(json_object_get(breach, "rule"));
    const char *pointer = pointer_of(exchange, breach, in_file);
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
        add_breach(exchange, breach, true);
    }
    const json_t *first = json_array_get(breaches, 0);
    problem_reply_as(
        exchange, slug_of(exchange, fault->constraint != NULL ? fault->constraint : ""), 422,
        localized(exchange, first, "title"), fault_found(exchange) ? NULL : fault->message);
    json_decref(breaches);
}

/* {count, faults}: the number of faults and the first of them. */
static void add_breaches(struct exchange *exchange, const struct store_fault *fault, bool in_file)
{
    json_t *found =
        fault->detail != NULL ? json_loads(fault->detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *breaches = json_object_get(found, "faults");
    size_t index = 0;
    json_t *breach = NULL;
    json_array_foreach(breaches, index, breach) {
        add_breach(exchange, breach, in_file);
    }
    exchange->line = 0;
    exchange->fault_count +=
        (size_t)json_integer_value(json_object_get(found, "count")) - json_array_size(breaches);
    json_decref(found);
}

/* The faults of a file, added to those of its form. */
static void refuse_rows(struct exchange *exchange, const struct store_fault *fault)
{
    json_t *of_form = exchange->faults;
    exchange->faults = json_array();
    add_breaches(exchange, fault, true);
    json_array_extend(exchange->faults, of_form);
    json_decref(of_form);
    faults_sort(exchange);
    problem_reply(exchange, PROBLEM_ROWS_REFUSED, NULL);
}

static void refuse_operations(struct exchange *exchange, const struct store_fault *fault)
{
    add_breaches(exchange, fault, false);
    problem_reply(exchange, PROBLEM_OPERATIONS_REFUSED, NULL);
}

/* The members of a stale operation that its fault shows. */
static const char *const stale_members[] = {"reference",  "version",    "newest_version",
                                            "changed_by", "changed_at", "members"};

static void add_stale(struct exchange *exchange, json_t *stale)
{
    bool in_body = json_object_get(exchange->body, "operations") != NULL;
    const char *pointer =
        in_body ? arena_print(exchange->arena, "/operations/%" JSON_INTEGER_FORMAT "/version",
                              json_integer_value(json_object_get(stale, "line")) - 1)
                : NULL;
    size_t before = json_array_size(exchange->faults);
    fault_add(
        exchange, FAULT_POINTER, pointer, NULL,
        exchange_sentence(exchange, MESSAGE_STALE_OPERATION,
                          json_string_value(json_object_get(stale, "reference")),
                          arena_print(exchange->arena, "%" JSON_INTEGER_FORMAT,
                                      json_integer_value(json_object_get(stale, "newest_version"))),
                          NULL));
    json_t *fault = json_array_get(exchange->faults, before);
    for (size_t i = 0; i < sizeof stale_members / sizeof stale_members[0]; i++) {
        json_object_set(fault, stale_members[i], json_object_get(stale, stale_members[i]));
    }
}

static void refuse_stale(struct exchange *exchange, const struct store_fault *fault)
{
    json_t *found =
        fault->detail != NULL ? json_loads(fault->detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    size_t index = 0;
    json_t *stale = NULL;
    json_array_foreach(found, index, stale) {
        add_stale(exchange, stale);
    }
    json_decref(found);
    problem_reply(exchange, PROBLEM_VERSIONS_STALE, NULL);
}

void database_error_refused(struct exchange *exchange, const struct store_fault *fault)
{
    static const struct {
        const char *sqlstate;
        void (*refuse)(struct exchange *exchange, const struct store_fault *fault);
    } lists[] = {{"T6001", refuse_rows}, {"T6002", refuse_operations}, {"T5003", refuse_stale}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(fault->sqlstate, lists[i].sqlstate) == 0) {
            lists[i].refuse(exchange, fault);
            return;
        }
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
