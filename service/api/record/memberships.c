#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/parameters.h"
#include "api/record/record.h"
#include "api/record/record_list.h"
#include "base/syntax.h"
#include "statements.h"

const struct parameter memberships_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    PARAMETER_ROW_FIELDS,
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

const char *const memberships_media[] = {"application/json", "text/csv", "application/x-ndjson",
                                         NULL};

#define MEMBERSHIP_FIELDS                                                                          \
    {.name = "member_from", .type = FIELD_DATE, .required = true},                                 \
        {.name = "member_until", .type = FIELD_DATE},                                              \
        {.name = "note_en", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "note_fr", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "sources_disagree", .type = FIELD_BOOLEAN},                                       \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field membership_record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    MEMBERSHIP_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field membership_correct_fields[] = {
    MEMBERSHIP_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field membership_operation_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    MEMBERSHIP_FIELDS,
    {.name = NULL},
};

void memberships_list(struct exchange *exchange)
{
    static const char *const filters[] = {"as_of", "state", NULL};
    static const struct record_list list = {.statement = &statement_memberships,
                                            .table = &memberships_table,
                                            .filters = filters,
                                            .is_reference = syntax_is_membership};
    record_list_show(exchange, &list);
}

static const struct link links[] = {
    {"self", "/v1/memberships/{reference}"},
    {"versions", "/v1/memberships/{reference}/versions"},
    {"state", "/v1/states/{state}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind membership = {
    .type = "membership",
    .member = "membership",
    .collection = "/v1/memberships",
    .read = &statement_memberships,
    .versions = &statement_membership_versions,
    .links = links,
    .is_reference = syntax_is_membership,
    .in_capitals = true,
    .missing = MESSAGE_NO_MEMBERSHIP,
};

void memberships_show(struct exchange *exchange)
{
    record_show(exchange, &membership);
}

void memberships_show_versions(struct exchange *exchange)
{
    record_show_versions(exchange, &membership);
}

void memberships_record(struct exchange *exchange)
{
    record_create(exchange, &membership);
}

void memberships_correct(struct exchange *exchange)
{
    record_correct(exchange, &membership);
}

void memberships_void(struct exchange *exchange)
{
    record_void(exchange, &membership);
}
