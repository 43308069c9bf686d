/* Changesets: operations that are recorded together, their journal, and their revert. */
#include "api/format/paging.h"
#include "api/format/representation.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "api/query/authorize.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/record/proposals.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "http/message/problem.h"
#include "http/request/cursor.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <string.h>

enum { MAX_OPERATIONS = 10000, MAX_NAME = 40, MAX_REFERENCE = 80 };

static const char *const types[] = {"action", "state",   "membership", "call",
                                    "reply",  "outlook", "note",       NULL};
static const char *const statuses[] = {"proposed", "recorded", "rejected", "withdrawn", NULL};
static const char *const ops[] = {"record", "correct", "void", NULL};

const struct parameter changesets_parameters[] = {
    {.name = "author", .type = PARAMETER_TEXT},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "type", .type = PARAMETER_CHOICES, .choices = types},
    {.name = "status", .type = PARAMETER_CHOICE, .choices = statuses},
    {.name = "from", .type = PARAMETER_DATE},
    {.name = "to", .type = PARAMETER_DATE},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

static const struct json_field operation_fields[] = {
    {.name = "op", .type = FIELD_TEXT, .choices = ops, .required = true},
    {.name = "type", .type = FIELD_TEXT, .choices = types, .required = true},
    {.name = "name", .type = FIELD_TEXT, .longest = MAX_NAME},
    {.name = "reference", .type = FIELD_TEXT, .longest = MAX_REFERENCE},
    {.name = "version", .type = FIELD_NUMBER},
    {.name = "document", .type = FIELD_DOCUMENT},
    {.name = NULL},
};

const struct json_field changeset_fields[] = {
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = "operations",
     .type = FIELD_OBJECTS,
     .longest = MAX_OPERATIONS,
     .required = true,
     .members = operation_fields},
    {.name = NULL},
};

const struct json_field changeset_revert_fields[] = {
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

/* What an operation of a type of record needs. A correction has the document of a new record
 * without its identity, which is in the operation. */
static const struct record_type {
    const char *name;
    const char *scope;
    const struct json_field *document; /* its first row is the identity */
    bool (*is_reference)(const char *text);
    enum message not_a_reference;
    bool internal_unless_said; /* a document without a visibility is internal */
} record_types[] = {
    {"action", "actions:write", action_operation_fields, syntax_is_reference,
     MESSAGE_NOT_A_REFERENCE, false},
    {"state", "states:write", state_operation_fields, syntax_is_alpha3, MESSAGE_NOT_A_CODE, false},
    {"membership", "memberships:write", membership_operation_fields, syntax_is_membership,
     MESSAGE_NOT_A_MEMBERSHIP, false},
    {"call", "calls:write", call_operation_fields, syntax_is_call_reference, MESSAGE_NOT_A_CALL,
     false},
    {"reply", "calls:write", reply_operation_fields, syntax_is_uuid, MESSAGE_NOT_A_UUID, false},
    {"outlook", "outlook:write", outlook_operation_fields, syntax_is_uuid, MESSAGE_NOT_A_UUID,
     false},
    {"note", "notes:write", note_operation_fields, syntax_is_uuid, MESSAGE_NOT_A_UUID, true},
};

static const struct record_type *type_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof record_types / sizeof record_types[0]; i++) {
        if (strcmp(record_types[i].name, name) == 0) {
            return &record_types[i];
        }
    }
    return NULL;
}

/* Checking ------------------------------------------------------------------------------------ */

static const char *text_of(const json_t *operation, const char *member)
{
    return json_string_value(json_object_get(operation, member));
}

/* The members besides op, type and name: those that an op needs, and no other. */
static const struct member {
    const char *name;
    bool record;
    bool correct;
    bool void_record;
} members[] = {
    {"reference", false, true, true},
    {"version", false, true, true},
    {"document", true, true, false},
};

static bool is_needed(const struct member *member, const char *op)
{
    return strcmp(op, "record") == 0    ? member->record
           : strcmp(op, "correct") == 0 ? member->correct
                                        : member->void_record;
}

static void check_members(struct exchange *exchange, const char *pointer, const json_t *operation,
                          const char *op)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct member *member = &members[i];
        bool given = !json_is_null(json_object_get(operation, member->name)) &&
                     json_object_get(operation, member->name) != NULL;
        if (given == is_needed(member, op)) {
            continue;
        }
        const char *place = arena_print(exchange->arena, "%s/%s", pointer, member->name);
        if (given) {
            json_body_fault(exchange, place, MESSAGE_NOT_OF_OPERATION, op, member->name);
        } else {
            json_body_fault(exchange, place, MESSAGE_REQUIRED_FIELD, member->name, NULL);
        }
    }
}

static void check_name(struct exchange *exchange, const char *pointer, const json_t *operation,
                       bool records_action)
{
    const char *name = text_of(operation, "name");
    const char *place = arena_print(exchange->arena, "%s/name", pointer);
    if (name != NULL && !syntax_is_local_name(name)) {
        json_body_fault(exchange, place, MESSAGE_NOT_A_NAME, name, NULL);
    } else if (name != NULL && !records_action) {
        json_body_fault(exchange, place, MESSAGE_NAMELESS, NULL, NULL);
    }
}

static void check_operation(struct exchange *exchange, const char *pointer, json_t *operation)
{
    const char *op = text_of(operation, "op");
    const struct record_type *type = type_named(text_of(operation, "type"));
    if (op == NULL || type == NULL) {
        return; /* a fault already */
    }
    bool records = strcmp(op, "record") == 0;
    const char *reference = text_of(operation, "reference");
    json_t *document = json_object_get(operation, "document");
    check_members(exchange, pointer, operation, op);
    check_name(exchange, pointer, operation, records && type->document == action_operation_fields);
    if (reference != NULL && !records && !type->is_reference(reference)) {
        json_body_fault(exchange, arena_print(exchange->arena, "%s/reference", pointer),
                        type->not_a_reference, reference, NULL);
    }
    if (json_is_object(document)) {
        json_body_check(exchange, arena_print(exchange->arena, "%s/document", pointer),
                        type->document + (records ? 0 : 1), document);
    }
}

void changesets_check(struct exchange *exchange)
{
    json_t *operations = json_object_get(exchange->body, "operations");
    size_t index = 0;
    json_t *operation = NULL;
    json_array_foreach(operations, index, operation) {
        check_operation(exchange, arena_print(exchange->arena, "/operations/%zu", index),
                        operation);
    }
}

/* Scopes -------------------------------------------------------------------------------------- */

/* Whether the caller may write each type of record that the operations are of; false: 403 is the
 * response. A record that exists may be internal: to change it the caller must be allowed to read
 * internal records of its type. */
static bool check_scopes(struct exchange *exchange, const json_t *operations, bool all_exist)
{
    size_t index = 0;
    const json_t *operation = NULL;
    json_array_foreach(operations, index, operation) {
        const struct record_type *type = type_named(text_of(operation, "type"));
        bool exists = all_exist || strcmp(text_of(operation, "op"), "record") != 0;
        const char *reader = exists ? authorize_scope_for_internal(type->name) : NULL;
        if (!authorize_grants(exchange, type->scope)) {
            authorize_refuse_scope(exchange, type->scope);
            return false;
        }
        if (reader != NULL && !authorize_grants(exchange, reader)) {
            authorize_refuse_scope(exchange, reader);
            return false;
        }
    }
    return true;
}

/* Handlers ------------------------------------------------------------------------------------ */

const struct link changeset_links[] = {
    {"self", "/v1/changesets/{reference}"},          {"reverts", "/v1/changesets/{reverts}"},
    {"reverted_by", "/v1/changesets/{reverted_by}"}, {"revision", "/v1/revisions/{revision}"},
    {"recorded_as", "/v1/changesets/{recorded_as}"}, {.relation = NULL},
};

static const struct record_kind changeset = {
    .member = "changeset",
    .collection = "/v1/changesets",
    .read = &statement_changesets,
    .create = &statement_changeset_record,
    .links = changeset_links,
    .is_reference = syntax_is_uuid,
    .is_file = true,
    .missing = MESSAGE_NO_CHANGESET,
};

static const struct record_kind revert = {
    .member = "changeset",
    .collection = "/v1/changesets",
    .read = &statement_changesets,
    .create = &statement_changeset_revert,
    .links = changeset_links,
    .is_reference = syntax_is_uuid,
    .is_file = true,
    .reverts = true,
    .missing = MESSAGE_NO_CHANGESET,
};

/* A writer may read the internal records that it wrote. */
static void reveal_own(struct exchange *exchange, const json_t *operations)
{
    for (size_t i = 0; i < sizeof record_types / sizeof record_types[0]; i++) {
        size_t index = 0;
        const json_t *operation = NULL;
        bool internal = false;
        json_array_foreach(operations, index, operation) {
            internal = internal || (strcmp(text_of(operation, "type"), record_types[i].name) == 0 &&
                                    record_is_internal(json_object_get(operation, "document"),
                                                       record_types[i].internal_unless_said));
        }
        if (internal) {
            authorize_reveal(exchange, record_types[i].name);
        }
    }
}

void changesets_record(struct exchange *exchange)
{
    const json_t *operations = json_object_get(exchange->body, "operations");
    if (!check_scopes(exchange, operations, false)) {
        return;
    }
    reveal_own(exchange, operations);
    record_create(exchange, &changeset);
}

/* The operations of the changeset to be reverted; NULL: the response is 404 or another problem. A
 * new reference. */
static json_t *operations_of(struct exchange *exchange)
{
    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return NULL;
    }
    exchange_set_argument(exchange, "limit", "1");
    struct rows *rows = run_statement(exchange, session, &statement_changesets);
    pool_checkin(session);
    json_t *operations = NULL;
    if (rows != NULL && rows_count(rows) == 0) {
        record_refuse_missing(exchange, &changeset);
    } else if (rows != NULL) {
        operations = json_loads(rows_named(rows, 0, "operations"), 0, NULL);
    }
    rows_free(rows);
    return operations;
}

void changesets_revert(struct exchange *exchange)
{
    if (!record_take_reference(exchange, &changeset, "/revert")) {
        return;
    }
    json_t *operations = operations_of(exchange);
    if (operations != NULL && check_scopes(exchange, operations, true)) {
        record_create(exchange, &revert);
    }
    json_decref(operations);
}

/* With a token, a caller may see more than others. */
static bool takes_caller(struct exchange *exchange)
{
    bool known = exchange->caller.scopes != NULL;
    if (known) {
        reply_header(exchange, "Cache-Control", "no-store");
    }
    return known;
}

void changesets_show(struct exchange *exchange)
{
    if (!record_take_reference(exchange, &changeset, "")) {
        return;
    }
    if (takes_caller(exchange) && proposal_show(exchange) != PROPOSAL_MISSING) {
        return;
    }
    exchange_set_argument(exchange, "limit", "1");
    record_show(exchange, &changeset);
}

/* The journal --------------------------------------------------------------------------------- */

static const char *const cursor_fields[] = {"after_reference", NULL};
static const char *const cursor_filters[] = {"author", "state", "type", "status",
                                             "from",   "to",    NULL};
static const char *const replaced[] = {"cursor", NULL};

/* False: 400 is the response. */
static bool take_cursor(struct exchange *exchange)
{
    const char *cursor = exchange_parameter(exchange, "cursor");
    if (cursor == NULL) {
        return true;
    }
    bool good = cursor_read(exchange, cursor, cursor_fields, cursor_filters);
    const char *after = good ? exchange_value(exchange, "after_reference") : NULL;
    if (after == NULL || !syntax_is_uuid(after)) {
        paging_refuse_cursor(exchange, "cursor");
        return false;
    }
    return true;
}

static const char *next_page(struct exchange *exchange, const struct rows *rows, int last)
{
    exchange_set_argument(exchange, "after_reference",
                          arena_copy_text(exchange->arena, rows_named(rows, last, "reference")));
    return paging_address(exchange, "cursor", cursor_make(exchange, cursor_fields, cursor_filters),
                          replaced);
}

static void write_item(struct exchange *exchange, const void *source, int row,
                       struct buffer *buffer)
{
    const struct row_plan *plan = source;
    row_write(plan, row, buffer);
    json_reopen(buffer);
    link_row(exchange->arena, changeset_links, plan, row, "", buffer);
    buffer_add(buffer, "}", 1);
}

/* Without `status`: what is recorded, which is the same for all who see the same. */
static const struct statement *listed(const struct exchange *exchange)
{
    const char *status = exchange_parameter(exchange, "status");
    return status == NULL || strcmp(status, "recorded") == 0 ? &statement_changesets
                                                             : &statement_proposals;
}

void changesets_list(struct exchange *exchange)
{
    int limit = paging_limit(exchange);
    struct session *session = take_cursor(exchange) ? read_session(exchange) : NULL;
    if (session == NULL) {
        return;
    }
    (void)takes_caller(exchange);
    exchange_set_argument(exchange, "limit", arena_print(exchange->arena, "%d", limit + 1));
    struct rows *rows = run_statement(exchange, session, listed(exchange));
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    bool more = rows_count(rows) > limit;
    json_t *page = json_object();
    paging_show_next(exchange, page, more ? next_page(exchange, rows, limit - 1) : NULL);
    const struct list list = {.envelope = page,
                              .count = more ? limit : rows_count(rows),
                              .write = write_item,
                              .rows = rows,
                              .table = &changesets_table,
                              .source = row_plan_make(exchange->arena, rows, NULL)};
    represent_list(exchange, &list);
    rows_free(rows);
}
