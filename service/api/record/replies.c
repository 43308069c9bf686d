/* Replies of States and bodies to calls. */
#include "api/handlers.h"
#include "api/query/parameters.h"
#include "api/record/record.h"
#include "api/record/record_list.h"
#include "base/syntax.h"
#include "statements.h"

const struct parameter replies_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "call", .type = PARAMETER_TEXT},
    {.name = "state", .type = PARAMETER_STATE},
    PARAMETER_ROW_FIELDS,
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

#define REPLY_FIELDS                                                                               \
    {.name = "call", .type = FIELD_CALL, .longest = 40, .required = true},                         \
        {.name = "body", .type = FIELD_TEXT, .longest = 40},                                       \
        {.name = "date", .type = FIELD_DATE, .required = true},                                    \
        {.name = "text_en", .type = FIELD_TEXT, .longest = 4000},                                  \
        {.name = "text_fr", .type = FIELD_TEXT, .longest = 4000},                                  \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field reply_record_fields[] = {
    {.name = "state", .type = FIELD_STATE},
    REPLY_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field reply_correct_fields[] = {
    REPLY_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field reply_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE},
    REPLY_FIELDS,
    {.name = NULL},
};

static const struct link reply_links[] = {
    {"self", "/v1/replies/{reference}"},
    {"versions", "/v1/replies/{reference}/versions"},
    {"call", "/v1/calls/{call}"},
    {"state", "/v1/states/{state}"},
    {"body", "/v1/vocabulary#/bodies/{body}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind reply = {
    .type = "reply",
    .member = "reply",
    .collection = "/v1/replies",
    .read = &statement_replies,
    .versions = &statement_reply_versions,
    .links = reply_links,
    .is_reference = syntax_is_uuid,
    .missing = MESSAGE_NO_REPLY,
};

void replies_list(struct exchange *exchange)
{
    static const char *const filters[] = {"as_of", "call", "state", NULL};
    static const struct record_list list = {.statement = &statement_replies,
                                            .table = &replies_table,
                                            .filters = filters,
                                            .is_reference = syntax_is_uuid};
    record_list_show(exchange, &list);
}

void replies_show(struct exchange *exchange)
{
    exchange_set_argument(exchange, "limit", "1");
    record_show(exchange, &reply);
}

void replies_show_versions(struct exchange *exchange)
{
    record_show_versions(exchange, &reply);
}

void replies_record(struct exchange *exchange)
{
    record_create(exchange, &reply);
}

void replies_correct(struct exchange *exchange)
{
    record_correct(exchange, &reply);
}

void replies_void(struct exchange *exchange)
{
    record_void(exchange, &reply);
}
