#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "statements.h"

#define CALL_FIELDS                                                                                \
    {.name = "body", .type = FIELD_TEXT, .longest = 40, .required = true},                         \
        {.name = "date", .type = FIELD_DATE, .required = true},                                    \
        {.name = "title_en", .type = FIELD_TEXT, .longest = 500, .required = true},                \
        {.name = "title_fr", .type = FIELD_TEXT, .longest = 500, .required = true},                \
        {.name = "clause", .type = FIELD_TEXT, .longest = 40},                                     \
        {.name = "asks_for", .type = FIELD_TEXTS, .longest = 2, .required = true},                 \
        {.name = "asks_en", .type = FIELD_TEXT, .longest = 2000, .required = true},                \
        {.name = "asks_fr", .type = FIELD_TEXT, .longest = 2000, .required = true},                \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field call_record_fields[] = {
    {.name = "reference", .type = FIELD_CALL, .longest = 40, .required = true},
    CALL_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field call_correct_fields[] = {
    CALL_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field call_operation_fields[] = {
    {.name = "reference", .type = FIELD_CALL, .longest = 40, .required = true},
    CALL_FIELDS,
    {.name = NULL},
};

static const struct link call_links[] = {
    {"self", "/v1/calls/{reference}"},
    {"progress", "/v1/calls/{reference}/progress"},
    {"body", "/v1/vocabulary#/bodies/{body}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind call = {
    .type = "call",
    .member = "call",
    .collection = "/v1/calls",
    .read = &statement_calls,
    .links = call_links,
    .is_reference = syntax_is_call_reference,
    .in_capitals = true,
    .missing = MESSAGE_NO_CALL,
};

void calls_list(struct exchange *exchange)
{
    read_reply_list(exchange, &statement_calls);
}

void calls_show(struct exchange *exchange)
{
    record_show(exchange, &call);
}

void calls_record(struct exchange *exchange)
{
    record_create(exchange, &call);
}

void calls_correct(struct exchange *exchange)
{
    record_correct(exchange, &call);
}

void calls_void(struct exchange *exchange)
{
    record_void(exchange, &call);
}

void calls_progress(struct exchange *exchange)
{
    if (record_take_reference(exchange, &call, "/progress")) {
        read_reply_one(exchange, &statement_call_progress, MESSAGE_NO_CALL,
                       exchange_value(exchange, "reference"));
    }
}
