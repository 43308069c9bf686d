#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "statements.h"

static const struct link entry_links[] = {
    {"self", "/v1/outlook/{reference}"},
    {"state", "/v1/states/{state}"},
    {"history", "/v1/states/{state}/outlook"},
    {"stage", "/v1/vocabulary#/stages/{stage}"},
    {.relation = NULL},
};

static const struct record_kind entry = {
    .member = "entry",
    .collection = "/v1/outlook",
    .read = &statement_outlook_entries,
    .create = &statement_outlook_record,
    .correct = &statement_outlook_correct,
    .void_record = &statement_outlook_void,
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
