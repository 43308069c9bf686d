#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/read/vocabulary.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "statements.h"

const struct parameter outlook_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    {.name = "stage", .type = PARAMETER_CHOICES, .choices = vocabulary_stages},
    PARAMETER_ROW_FIELDS,
    {.name = NULL},
};

#define OUTLOOK_FIELDS                                                                             \
    {.name = "stage", .type = FIELD_TEXT, .longest = 40, .required = true},                        \
        {.name = "date", .type = FIELD_DATE, .required = true},                                    \
        {.name = "next_step_en", .type = FIELD_TEXT, .longest = 2000},                             \
        {.name = "next_step_fr", .type = FIELD_TEXT, .longest = 2000},                             \
        {.name = "note_en", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "note_fr", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "visibility", .type = FIELD_TEXT, .longest = 20, .required = true},               \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field outlook_record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    OUTLOOK_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field outlook_correct_fields[] = {
    OUTLOOK_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field outlook_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    OUTLOOK_FIELDS,
    {.name = NULL},
};

static const struct link entry_links[] = {
    {"self", "/v1/outlook/{reference}"},
    {"state", "/v1/states/{state}"},
    {"history", "/v1/states/{state}/outlook"},
    {"stage", "/v1/vocabulary#/stages/{stage}"},
    {.relation = NULL},
};

static const struct record_kind entry = {
    .type = "outlook",
    .member = "entry",
    .collection = "/v1/outlook",
    .read = &statement_outlook_entries,
    .links = entry_links,
    .is_reference = syntax_is_uuid,
    .internal = true,
    .missing = MESSAGE_NO_ENTRY,
};

void outlook_list(struct exchange *exchange)
{
    read_reply_list(exchange, &statement_outlook);
}

void outlook_show(struct exchange *exchange)
{
    record_show(exchange, &entry);
}

void outlook_record(struct exchange *exchange)
{
    record_create(exchange, &entry);
}

void outlook_correct(struct exchange *exchange)
{
    record_correct(exchange, &entry);
}

void outlook_void(struct exchange *exchange)
{
    record_void(exchange, &entry);
}
