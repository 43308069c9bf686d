/* What is recorded of a State: its codes, its names and the days on which it existed. Where it
 * stands follows from its acts (read/states.c). */
#include "api/handlers.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "statements.h"

static const char *const agreements[] = {"e", "s", "es", NULL};

static const struct json_field name_fields[] = {
    {.name = "used_from", .type = FIELD_DATE},
    {.name = "name_en", .type = FIELD_TEXT, .longest = 200, .required = true},
    {.name = "name_fr", .type = FIELD_TEXT, .longest = 200, .required = true},
    {.name = "subject_en", .type = FIELD_TEXT, .longest = 200},
    {.name = "subject_fr", .type = FIELD_TEXT, .longest = 200, .required = true},
    {.name = "agreement_fr", .type = FIELD_TEXT, .choices = agreements},
    {.name = NULL},
};

#define STATE_FIELDS                                                                               \
    {.name = "alpha2", .type = FIELD_ALPHA2, .required = true},                                    \
        {.name = "numeric", .type = FIELD_NUMERIC_CODE, .required = true},                         \
        {.name = "names",                                                                          \
         .type = FIELD_OBJECTS,                                                                    \
         .longest = 50,                                                                            \
         .required = true,                                                                         \
         .members = name_fields},                                                                  \
        {.name = "existed_from", .type = FIELD_DATE},                                              \
        {.name = "existed_until", .type = FIELD_DATE},                                             \
        {.name = "note_en", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "note_fr", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

const struct json_field state_record_fields[] = {
    {.name = "code", .type = FIELD_STATE, .required = true},
    STATE_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field state_correct_fields[] = {
    STATE_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

const struct json_field state_operation_fields[] = {
    {.name = "code", .type = FIELD_STATE, .required = true},
    STATE_FIELDS,
    {.name = NULL},
};

static const struct link links[] = {
    {"self", "/v1/states/{code}/record"},
    {"state", "/v1/states/{code}"},
    {"versions", "/v1/states/{code}/versions"},
    {"memberships", "/v1/memberships?state={code}"},
    {"verification", "/v1/vocabulary#/verifications/{verification}"},
    {.relation = NULL},
};

static const struct record_kind state = {
    .type = "state",
    .member = "state",
    .collection = "/v1/states",
    .behind = "/record",
    .read = &statement_state_record,
    .versions = &statement_state_versions,
    .links = links,
    .is_reference = syntax_is_alpha3,
    .in_capitals = true,
    .missing = MESSAGE_NO_STATE,
};

/* The code in the path is the reference of the State. */
static void take_code(struct exchange *exchange)
{
    exchange_set_argument(exchange, "reference", exchange_parameter(exchange, "code"));
}

void state_record_show(struct exchange *exchange)
{
    take_code(exchange);
    record_show(exchange, &state);
}

void state_record_show_versions(struct exchange *exchange)
{
    take_code(exchange);
    record_show_versions(exchange, &state);
}

void state_record_create(struct exchange *exchange)
{
    record_create(exchange, &state);
}

void state_record_correct(struct exchange *exchange)
{
    take_code(exchange);
    record_correct(exchange, &state);
}

void state_record_void(struct exchange *exchange)
{
    take_code(exchange);
    record_void(exchange, &state);
}
