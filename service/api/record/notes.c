/* Notes of the secretariat on anomalies, and on differences between the register and an official
 * chart. */
#include "api/handlers.h"
#include "api/query/parameters.h"
#include "api/read/vocabulary.h"
#include "api/record/record.h"
#include "api/record/record_list.h"
#include "base/syntax.h"
#include "statements.h"

const struct parameter notes_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "anomaly", .type = PARAMETER_CHOICES, .choices = vocabulary_anomalies},
    {.name = "owner", .type = PARAMETER_TEXT},
    {.name = "outcome", .type = PARAMETER_CHOICE, .choices = vocabulary_outcomes},
    PARAMETER_ROW_FIELDS,
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

static const char *const differences[] = {"signature", "consent", "entry_into_force", "letters",
                                          NULL};

/* As a reconciliation shows it: the members of any of its fields. */
static const struct json_field value_fields[] = {
    {.name = "action", .type = FIELD_REFERENCE},
    {.name = "date", .type = FIELD_DATE},
    {.name = "not_before", .type = FIELD_DATE},
    {.name = "not_after", .type = FIELD_DATE},
    {.name = "verification", .type = FIELD_TEXT, .longest = 20},
    {.name = "letter", .type = FIELD_TEXT, .longest = 2},
    {.name = "letters", .type = FIELD_TEXTS, .longest = 20},
    {.name = NULL},
};

static const struct json_field subject_fields[] = {
    {.name = "anomaly", .type = FIELD_TEXT, .longest = 40, .choices = vocabulary_anomalies},
    {.name = "action", .type = FIELD_REFERENCE},
    {.name = "difference", .type = FIELD_TEXT, .longest = 40, .choices = differences},
    {.name = "register", .type = FIELD_OBJECT, .members = value_fields},
    {.name = "chart", .type = FIELD_OBJECT, .members = value_fields},
    {.name = NULL},
};

#define NOTE_FIELDS                                                                                \
    {.name = "subject", .type = FIELD_OBJECT, .required = true, .members = subject_fields},        \
        {.name = "outcome", .type = FIELD_TEXT, .longest = 20, .required = true},                  \
        {.name = "text_en", .type = FIELD_TEXT, .longest = 4000},                                  \
        {.name = "text_fr", .type = FIELD_TEXT, .longest = 4000},                                  \
        {.name = "owner", .type = FIELD_TEXT, .longest = 200},                                     \
    {                                                                                              \
        .name = "visibility", .type = FIELD_TEXT, .longest = 20                                    \
    }

const struct json_field note_record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    NOTE_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field note_correct_fields[] = {
    NOTE_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field note_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    NOTE_FIELDS,
    {.name = NULL},
};

static const struct link note_links[] = {
    {"self", "/v1/notes/{reference}"},
    {"state", "/v1/states/{state}"},
    {"action", "/v1/actions/{subject.action}"},
    {"anomaly", "/v1/vocabulary#/anomalies/{subject.anomaly}"},
    {.relation = NULL},
};

static const struct record_kind note = {
    .type = "note",
    .member = "note",
    .collection = "/v1/notes",
    .read = &statement_notes,
    .links = note_links,
    .is_reference = syntax_is_uuid,
    .internal_type = "note",
    .internal_unless_said = true,
    .missing = MESSAGE_NO_NOTE,
};

void notes_list(struct exchange *exchange)
{
    static const char *const filters[] = {"state", "anomaly", "owner", "outcome", NULL};
    static const struct record_list list = {.statement = &statement_notes,
                                            .table = &notes_table,
                                            .filters = filters,
                                            .is_reference = syntax_is_uuid};
    record_list_show(exchange, &list);
}

void notes_show(struct exchange *exchange)
{
    exchange_set_argument(exchange, "limit", "1");
    record_show(exchange, &note);
}

void notes_record(struct exchange *exchange)
{
    record_create(exchange, &note);
}

void notes_correct(struct exchange *exchange)
{
    record_correct(exchange, &note);
}

void notes_void(struct exchange *exchange)
{
    record_void(exchange, &note);
}
