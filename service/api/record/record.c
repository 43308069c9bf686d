#include "api/record/record.h"

#include "api/format/representation.h"
#include "api/query/authorize.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "api/record/idempotency.h"
#include "api/record/if_match.h"
#include "api/record/proposals.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/canonical_query.h"
#include "http/request/route.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct record_write {
    const struct record_kind *kind;
    const char *op;  /* record, correct, void */
    int status;      /* when it was recorded */
    bool on_present; /* changes a record: needs If-Match */
    bool takes_key;  /* takes an Idempotency-Key */
};

void record_refuse_missing(struct exchange *exchange, const struct record_kind *kind)
{
    problem_reply(exchange, PROBLEM_NOT_FOUND,
                  message_fill(exchange->arena, exchange->language, kind->missing,
                               exchange_value(exchange, "reference"), NULL, NULL));
}

bool record_take_reference(struct exchange *exchange, const struct record_kind *kind,
                           const char *behind)
{
    const char *given = exchange_value(exchange, "reference");
    if (!kind->is_reference(given)) {
        record_refuse_missing(exchange, kind);
        return false;
    }
    char *reference = arena_copy_text(exchange->arena, given);
    for (char *at = reference; *at != '\0'; at++) {
        *at = (char)(kind->in_capitals ? toupper((unsigned char)*at) : tolower((unsigned char)*at));
    }
    exchange_set_argument(exchange, "reference", reference);
    if (strcmp(given, reference) != 0 && strcmp(exchange->route->method, "GET") == 0) {
        const char *path =
            arena_print(exchange->arena, "%s/%s%s", kind->collection, reference, behind);
        reply_header(exchange, "Content-Location", canonical_url(exchange, path, NULL));
    }
    return true;
}

/* What follows the reference in the record's address. */
static const char *behind_of(const struct record_kind *kind)
{
    return kind->behind != NULL ? kind->behind : "";
}

static bool is_dry_run(const struct exchange *exchange)
{
    return exchange_parameter_is(exchange, "dry_run", "true");
}

/* The record as it is read. False: there is none. */
static bool write_item(struct exchange *exchange, const struct record_kind *kind,
                       const struct rows *rows, struct buffer *buffer)
{
    if (rows_count(rows) == 0) {
        return false;
    }
    const struct row_plan *plan = row_plan_make(exchange->arena, rows, NULL);
    row_write(plan, 0, buffer);
    json_reopen(buffer);
    link_row(exchange->arena, kind->links, plan, 0, "", buffer);
    buffer_add(buffer, "}", 1);
    return true;
}

/* The same as a tree; NULL: there is none. */
static json_t *record_of(struct exchange *exchange, const struct record_kind *kind,
                         const struct rows *rows)
{
    struct buffer buffer = {.bytes = NULL};
    return write_item(exchange, kind, rows, &buffer) ? json_tree_of(&buffer) : NULL;
}

void record_show(struct exchange *exchange, const struct record_kind *kind)
{
    if (!record_take_reference(exchange, kind, behind_of(kind))) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    /* Without as_of a record is shown whenever it was done. */
    struct rows *rows = run_at_moment(exchange, session, kind->read, DAY_ANY);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    struct buffer item = {.bytes = NULL};
    if (write_item(exchange, kind, rows, &item)) {
        represent_item(exchange, kind->jsonld, &item);
    } else {
        record_refuse_missing(exchange, kind);
    }
    rows_free(rows);
}

/* Frees the rows. */
static void reply_versions(struct exchange *exchange, const struct record_kind *kind,
                           struct rows *rows)
{
    if (rows_count(rows) > 0) {
        json_t *versions = json_object();
        json_object_set_new(versions, "reference",
                            json_string(exchange_value(exchange, "reference")));
        json_object_set_new(versions, "known_at", known_at_json(exchange));
        json_object_set_new(versions, "revision", revision_json(exchange));
        const struct list list = {.envelope = versions,
                                  .count = rows_count(rows),
                                  .write = represent_row,
                                  .source = row_plan_make(exchange->arena, rows, NULL)};
        represent_list(exchange, &list);
    } else {
        record_refuse_missing(exchange, kind);
    }
    rows_free(rows);
}

void record_show_versions(struct exchange *exchange, const struct record_kind *kind)
{
    if (!record_take_reference(exchange, kind, "/versions")) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_at_moment(exchange, session, kind->versions, DAY_TODAY);
    pool_checkin(session);
    if (rows != NULL) {
        reply_versions(exchange, kind, rows);
    }
}

/* The statement's filters, which must be absent for reading one record. */
static void clear_filters(struct exchange *exchange)
{
    static const char *const filters[] = {"state", "kind", "verification", "from", "to"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        exchange_set_argument(exchange, filters[i], NULL);
    }
    exchange_set_argument(exchange, "limit", "1");
    exchange->moment.as_of = NULL;
}

/* The statements that begin a write, in one round trip. */
enum beginning { BEGIN_WRITE, BEGIN_PRESENT, BEGIN_COUNT = BEGIN_PRESENT + LANGUAGE_COUNT };

/* A knowledge time that reads the newest version: under the write lock nobody else adds a version.
 */
static const char *const newest = "infinity";

/* Binds kind->read in every language. */
static void bind_present(struct exchange *exchange, const struct record_kind *kind,
                         struct store_item *items)
{
    const enum language asked = exchange->language;
    clear_filters(exchange);
    exchange->moment.known_at = newest;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        exchange->language = (enum language)language;
        items[language] = bind_statement(exchange, kind->read);
    }
    exchange->language = asked;
}

/* If-Match names a representation in any language (RFC 9110 §13.1.1): items has the record in each,
 * as it was before the write. */
static bool check_condition(struct exchange *exchange, const struct record_kind *kind,
                            const struct store_item *items)
{
    bool exists = true;
    bool found = false;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_t *present = record_of(exchange, kind, items[language].rows);
        exists = present != NULL;
        found = found || (exists && if_match_names(exchange, present));
        json_decref(present);
    }
    if (!exists) {
        record_refuse_missing(exchange, kind);
    } else if (!found) {
        if_match_refuse(exchange);
    }
    return found;
}

static const char *copy_named(struct exchange *exchange, const struct rows *rows, const char *name)
{
    return arena_copy_text(exchange->arena, rows_named(rows, 0, name));
}

static void set_document(struct exchange *exchange)
{
    if (exchange->body != NULL) {
        char *document = json_dumps(exchange->body, JSON_COMPACT);
        exchange_set_argument(exchange, "document", arena_copy_text(exchange->arena, document));
        free(document);
    }
}

/* The result of the write: its reference and its moment. */
static void take_result(struct exchange *exchange, const struct rows *rows)
{
    exchange_set_argument(exchange, "reference", copy_named(exchange, rows, "reference"));
    exchange->moment = (struct moment){.as_of = copy_named(exchange, rows, "as_of"),
                                       .known_at = copy_named(exchange, rows, "known_at"),
                                       .revision = copy_named(exchange, rows, "revision")};
}

/* A write and the parts of its response. PART_CHANGESET is read if the write was made before.
 * PART_RESULT stores the result for the key, and its row is not read. */
enum part {
    PART_WRITE,
    PART_CHANGESET,
    PART_RECORD,
    PART_CONSEQUENCES,
    PART_STATE,
    PART_RESULT,
    PART_COUNT
};

/* The statements of one round trip, each with its part. */
struct flight {
    struct store_item items[PART_COUNT];
    enum part parts[PART_COUNT];
    int count;
};

static void flight_add(struct exchange *exchange, struct flight *flight, enum part part,
                       const struct statement *statement)
{
    flight->parts[flight->count] = part;
    flight->items[flight->count++] = bind_statement(exchange, statement);
}

/* False: a problem is the response. The caller frees the rows of the parts. */
static bool flight_run(struct exchange *exchange, struct session *session, struct flight *flight,
                       struct store_item parts[PART_COUNT])
{
    if (!run_statements(exchange, session, flight->items, flight->count)) {
        return false;
    }
    for (int i = 0; i < flight->count; i++) {
        parts[flight->parts[i]] = flight->items[i];
    }
    return true;
}

/* The reference (sql/deploy/revision.sql) of what the write in the same round trip creates. */
#define WRITTEN "*"

/* An action's reference begins with the code of its State; a new action has it in the document. */
static void set_state(struct exchange *exchange)
{
    const char *reference = exchange_value(exchange, "reference");
    if (strcmp(reference, WRITTEN) == 0) {
        reference = json_string_value(json_object_get(exchange->body, "state"));
    }
    char *state = arena_copy_text(exchange->arena, reference);
    state[strcspn(state, "-")] = '\0';
    exchange_set_argument(exchange, "state", state);
}

/* Adds what is read for the response, at the exchange's moment. */
static void add_parts(struct exchange *exchange, struct flight *flight,
                      const struct record_kind *kind)
{
    const char *as_of = exchange->moment.as_of;
    clear_filters(exchange);
    flight_add(exchange, flight, PART_RECORD, kind->read);
    exchange->moment.as_of = as_of;
    flight_add(exchange, flight, PART_CONSEQUENCES, &statement_consequences);
    if (kind->with_state) {
        set_state(exchange);
        flight_add(exchange, flight, PART_STATE, &statement_state);
    }
}

static void add_row(struct exchange *exchange, json_t *document, const char *member,
                    const struct rows *rows)
{
    json_object_set_new(document, member,
                        rows_count(rows) > 0 ? row_tree(exchange->arena, rows, 0, NULL)
                                             : json_null());
}

/* The link to the changeset that the write was; a dry run and an unchanged record have none. */
static json_t *written_links(const struct exchange *exchange,
                             const struct store_item parts[PART_COUNT])
{
    const struct rows *rows =
        parts[PART_WRITE].rows != NULL ? parts[PART_WRITE].rows : parts[PART_CHANGESET].rows;
    const char *changeset = rows_count(rows) > 0 ? rows_named(rows, 0, "changeset") : NULL;
    json_t *links = json_object();
    if (changeset != NULL && !is_dry_run(exchange)) {
        json_object_set_new(
            links, "changeset",
            json_string(arena_print(exchange->arena, "/v1/changesets/%s", changeset)));
    }
    return links;
}

static void reply_parts(struct exchange *exchange, const struct record_kind *kind, int status,
                        json_t *record, const struct store_item parts[PART_COUNT])
{
    const char *tag = if_match_tag(exchange, record);
    json_t *document = json_object();
    if (is_dry_run(exchange)) {
        json_object_set_new(document, "dry_run", json_true());
    }
    json_object_set_new(document, kind->member, record);
    if (kind->with_state) {
        add_row(exchange, document, "state", parts[PART_STATE].rows);
    }
    add_row(exchange, document, "consequences", parts[PART_CONSEQUENCES].rows);
    if (kind->type != NULL) {
        json_object_set_new(document, "links", written_links(exchange, parts));
    }
    tag = kind->etag_of_whole ? if_match_tag(exchange, document) : tag;
    reply_json(exchange, status, document);
    if (!is_dry_run(exchange)) {
        exchange->response.etag = tag;
    }
    if (status == 201) {
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "%s/%s%s", kind->collection,
                                 exchange_value(exchange, "reference"), behind_of(kind)));
    }
}

/* Responds with the record, its State and the consequences of the write, and frees the rows. */
static bool reply_write(struct exchange *exchange, const struct record_kind *kind, int status,
                        struct store_item parts[PART_COUNT])
{
    json_t *record = record_of(exchange, kind, parts[PART_RECORD].rows);
    if (record != NULL) {
        reply_parts(exchange, kind, status, record, parts);
    } else {
        record_refuse_missing(exchange, kind);
    }
    for (int part = 0; part < PART_COUNT; part++) {
        rows_free(parts[part].rows);
    }
    return record != NULL;
}

bool record_reply(struct exchange *exchange, struct session *session,
                  const struct record_kind *kind, int status)
{
    struct flight flight = {.count = 0};
    struct store_item parts[PART_COUNT] = {{.rows = NULL}};
    if (kind->type != NULL) {
        exchange_set_argument(exchange, "record_type", kind->type);
        flight_add(exchange, &flight, PART_CHANGESET, &statement_changeset_of_record);
    }
    add_parts(exchange, &flight, kind);
    return flight_run(exchange, session, &flight, parts) &&
           reply_write(exchange, kind, status, parts);
}

/* Writes and reads the parts of the response in one round trip. */
static bool write_and_reply(struct exchange *exchange, struct session *session,
                            const struct record_write *write)
{
    struct flight flight = {.count = 0};
    struct store_item parts[PART_COUNT] = {{.rows = NULL}};
    set_document(exchange);
    exchange_set_argument(exchange, "op", write->op);
    exchange_set_argument(exchange, "record_type", write->kind->type);
    flight_add(exchange, &flight, PART_WRITE,
               write->kind->type != NULL ? &statement_operation_apply : write->kind->create);
    if (!write->on_present) {
        exchange_set_argument(exchange, "reference", WRITTEN);
    }
    exchange->moment.known_at = newest;
    add_parts(exchange, &flight, write->kind);
    if (exchange_value(exchange, "key") != NULL) {
        flight_add(exchange, &flight, PART_RESULT, &statement_request_store_result);
    }
    if (!flight_run(exchange, session, &flight, parts)) {
        return false;
    }
    take_result(exchange, parts[PART_WRITE].rows);
    return reply_write(exchange, write->kind, is_dry_run(exchange) ? 200 : write->status, parts);
}

/* Whether a second person must agree to the write. */
static bool needs_second_person(const struct exchange *exchange, const struct record_write *write)
{
    const struct context *context = exchange->context;
    return context->second_person && !write->kind->approves && !is_dry_run(exchange);
}

/* Stores the write as a proposal, which the database judges, and responds with it. */
static bool propose_and_reply(struct exchange *exchange, struct session *session,
                              const struct record_write *write)
{
    const struct record_kind *kind = write->kind;
    set_document(exchange);
    exchange_set_argument(exchange, "op", kind->type != NULL ? write->op : NULL);
    exchange_set_argument(exchange, "record_type", kind->type);
    exchange_set_argument(exchange, "reverts",
                          kind->reverts ? exchange_value(exchange, "reference") : NULL);
    struct rows *rows = run_statement(exchange, session, &statement_proposal_create);
    if (rows == NULL) {
        return false;
    }
    exchange_set_argument(exchange, "reference", copy_named(exchange, rows, "reference"));
    rows_free(rows);
    return proposal_reply(exchange, session) == PROPOSAL_FOUND &&
           idempotency_store_result(exchange, session);
}

/* Whether the first request with the key recorded nothing that is public: it may have proposed. */
static bool left_the_revision(const struct exchange *exchange)
{
    return strcmp(exchange_value(exchange, "revision_before"), exchange->moment.revision) == 0;
}

/* Responds again to a write that was made before with its key. It may have been proposed when a
 * second person was needed, which need not be so now. */
static bool reply_again(struct exchange *exchange, struct session *session,
                        const struct record_write *write)
{
    if (!write->kind->approves && left_the_revision(exchange)) {
        enum proposal_found found = proposal_reply(exchange, session);
        if (found != PROPOSAL_MISSING) {
            return found == PROPOSAL_FOUND;
        }
    }
    return record_reply(exchange, session, write->kind, write->status);
}

/* The trace context is stored with the entries of the feed, for webhooks. */
static void set_trace(struct exchange *exchange)
{
    if (exchange->trace.id[0] != '\0') {
        char *text = arena_allocate(exchange->arena, TRACE_TEXT_SIZE);
        trace_write(&exchange->trace, text);
        exchange_set_argument(exchange, "trace", text);
    }
}

/* Sets revision_before and the moment before the write. */
static enum claim begin_outcome(struct exchange *exchange, const struct rows *rows)
{
    enum claim claim = idempotency_outcome(exchange, rows);
    if (claim == CLAIM_NEW) {
        exchange_set_argument(exchange, "revision_before",
                              copy_named(exchange, rows, "revision_before"));
        exchange->moment = (struct moment){.as_of = copy_named(exchange, rows, "as_of"),
                                           .known_at = copy_named(exchange, rows, "known_at")};
    }
    return claim;
}

/* Claims the key, waits for the other writers, and reads what is there then. */
static bool run_beginning(struct exchange *exchange, struct session *session,
                          const struct record_write *write, struct store_item items[BEGIN_COUNT])
{
    set_trace(exchange);
    if (is_dry_run(exchange)) {
        exchange_set_argument(exchange, "key", NULL);
    }
    items[BEGIN_WRITE] = bind_statement(exchange, &statement_write_begin);
    if (write->on_present) {
        bind_present(exchange, write->kind, &items[BEGIN_PRESENT]);
    }
    return run_statements(exchange, session, items, write->on_present ? BEGIN_COUNT : 1);
}

static enum claim begin_write(struct exchange *exchange, struct session *session,
                              const struct record_write *write)
{
    struct store_item items[BEGIN_COUNT] = {{.rows = NULL}};
    if (!run_beginning(exchange, session, write, items)) {
        return CLAIM_REFUSED;
    }
    enum claim claim = begin_outcome(exchange, items[BEGIN_WRITE].rows);
    if (claim == CLAIM_NEW && write->on_present &&
        !check_condition(exchange, write->kind, &items[BEGIN_PRESENT])) {
        claim = CLAIM_REFUSED;
    }
    for (int i = 0; i < BEGIN_COUNT; i++) {
        rows_free(items[i].rows);
    }
    return claim;
}

bool record_is_internal(const json_t *document, bool unless_said)
{
    const char *visibility = json_string_value(json_object_get(document, "visibility"));
    return visibility != NULL ? strcmp(visibility, "internal") == 0
                              : document != NULL && unless_said;
}

/* Whether the record is written as internal. */
static bool writes_internal(const struct exchange *exchange, const struct record_kind *kind)
{
    return kind->internal_type != NULL &&
           record_is_internal(exchange->body, kind->internal_unless_said);
}

/* A writer may read the internal record that it wrote, even without the scope to read internal
 * records; of a public record it sees what the public sees. Called after the present record was
 * read with the caller's own rights. */
static void reveal_own(struct exchange *exchange, const struct record_kind *kind)
{
    if (writes_internal(exchange, kind)) {
        authorize_reveal(exchange, kind->internal_type);
    }
}

/* False: a problem is the response, and the transaction is to be rolled back. */
static bool write_in_transaction(struct exchange *exchange, struct session *session,
                                 const struct record_write *write)
{
    switch (begin_write(exchange, session, write)) {
    case CLAIM_REPLAY:
        reveal_own(exchange, write->kind);
        return reply_again(exchange, session, write);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        break;
    }
    reveal_own(exchange, write->kind);
    return needs_second_person(exchange, write) ? propose_and_reply(exchange, session, write)
                                                : write_and_reply(exchange, session, write);
}

static void write_record(struct exchange *exchange, const struct record_write *write)
{
    if ((write->on_present && !if_match_given(exchange)) ||
        (write->takes_key && !idempotency_take(exchange))) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    const struct context *context = exchange->context;
    if (session_begin(session) != STORE_DONE ||
        (write->kind->is_file &&
         session_allow(session, context->import_timeout_ms) != STORE_DONE)) {
        database_error_unavailable(exchange);
    } else if (!write_in_transaction(exchange, session, write) || is_dry_run(exchange)) {
        (void)session_rollback(session);
    } else if (session_commit(session) != STORE_DONE) {
        database_error_outcome_unknown(exchange);
    } else if (exchange->moment.revision != NULL) {
        /* From now on a read by this replica shows the write. */
        revisions_confirm(context->revisions, strtoll(exchange->moment.revision, NULL, 10));
    }
    pool_checkin(session);
}

void record_create(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .op = "record", .status = 201, .takes_key = true};
    write_record(exchange, &write);
}

void record_correct(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .op = "correct", .status = 200, .on_present = true};
    if (!record_take_reference(exchange, kind, "")) {
        return;
    }
    if (writes_internal(exchange, kind) && !exchange->caller.sees_internal) {
        /* The response would show versions of its past that the caller may not see. */
        authorize_refuse_scope(exchange, exchange->route->reveals);
        return;
    }
    write_record(exchange, &write);
}

void record_void(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .op = "void", .status = 200, .on_present = true};
    if (record_take_reference(exchange, kind, "")) {
        write_record(exchange, &write);
    }
}
