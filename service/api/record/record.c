#include "api/record/record.h"

#include "api/format/representation.h"
#include "api/query/authorize.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "api/record/idempotency.h"
#include "api/record/if_match.h"
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
    const struct statement *statement;
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
    if (!record_take_reference(exchange, kind, "")) {
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

/* Runs kind->read in every language; false: a problem is the response. The caller frees the rows.
 */
static bool read_languages(struct exchange *exchange, struct session *session,
                           const struct record_kind *kind, struct store_item items[LANGUAGE_COUNT])
{
    const enum language asked = exchange->language;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        exchange->language = (enum language)language;
        items[language] = bind_statement(exchange, kind->read);
    }
    exchange->language = asked;
    return run_statements(exchange, session, items, LANGUAGE_COUNT);
}

/* If-Match names a representation in any language (RFC 9110 §13.1.1). Called under the lock, at the
 * moment before the write. */
static bool check_condition(struct exchange *exchange, struct session *session,
                            const struct record_kind *kind)
{
    clear_filters(exchange);
    struct store_item items[LANGUAGE_COUNT];
    if (!read_languages(exchange, session, kind, items)) {
        return false;
    }
    bool exists = true;
    bool found = false;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_t *present = record_of(exchange, kind, items[language].rows);
        exists = present != NULL;
        found = found || (exists && if_match_names(exchange, present));
        json_decref(present);
        rows_free(items[language].rows);
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

static bool run_write(struct exchange *exchange, struct session *session,
                      const struct record_write *write)
{
    if (exchange->body != NULL) {
        char *document = json_dumps(exchange->body, JSON_COMPACT);
        exchange_set_argument(exchange, "document", arena_copy_text(exchange->arena, document));
        free(document);
    }
    struct rows *rows = run_statement(exchange, session, write->statement);
    if (rows == NULL) {
        return false;
    }
    exchange_set_argument(exchange, "reference", copy_named(exchange, rows, "reference"));
    exchange->moment = (struct moment){.as_of = copy_named(exchange, rows, "as_of"),
                                       .known_at = copy_named(exchange, rows, "known_at"),
                                       .revision = copy_named(exchange, rows, "revision")};
    rows_free(rows);
    return true;
}

/* The parts of the response to a write; the last statement stores the result for the key, and its
 * row is not read. */
enum part { PART_RECORD, PART_CONSEQUENCES, PART_STATE, PART_RESULT, PART_COUNT };

/* An action's reference begins with the code of its State. */
static void set_state(struct exchange *exchange)
{
    char *state = arena_copy_text(exchange->arena, exchange_value(exchange, "reference"));
    state[strcspn(state, "-")] = '\0';
    exchange_set_argument(exchange, "state", state);
}

/* Reads the parts in one round trip; false: a problem is the response. The caller frees the rows.
 */
static bool read_parts(struct exchange *exchange, struct session *session,
                       const struct record_kind *kind, bool stores_result,
                       struct store_item parts[PART_COUNT])
{
    struct store_item items[PART_COUNT];
    enum part places[PART_COUNT] = {PART_RECORD, PART_CONSEQUENCES};
    int count = PART_STATE;
    const char *as_of = exchange->moment.as_of;
    clear_filters(exchange);
    items[PART_RECORD] = bind_statement(exchange, kind->read);
    exchange->moment.as_of = as_of;
    items[PART_CONSEQUENCES] = bind_statement(exchange, &statement_consequences);
    if (kind->with_state) {
        set_state(exchange);
        places[count] = PART_STATE;
        items[count++] = bind_statement(exchange, &statement_states);
    }
    if (stores_result) {
        places[count] = PART_RESULT;
        items[count++] = bind_statement(exchange, &statement_request_store_result);
    }
    if (!run_statements(exchange, session, items, count)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        parts[places[i]] = items[i];
    }
    return true;
}

static void add_row(struct exchange *exchange, json_t *document, const char *member,
                    const struct rows *rows)
{
    json_object_set_new(document, member,
                        rows_count(rows) > 0 ? row_tree(exchange->arena, rows, 0, NULL)
                                             : json_null());
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
    tag = kind->etag_of_whole ? if_match_tag(exchange, document) : tag;
    reply_json(exchange, status, document);
    if (!is_dry_run(exchange)) {
        exchange->response.etag = tag;
    }
    if (status == 201) {
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "%s/%s", kind->collection,
                                 exchange_value(exchange, "reference")));
    }
}

/* Responds with the record, its State and the consequences of the write, at the exchange's moment.
 */
static bool reply_write(struct exchange *exchange, struct session *session,
                        const struct record_kind *kind, int status, bool stores_result)
{
    struct store_item parts[PART_COUNT] = {{.rows = NULL}};
    if (!read_parts(exchange, session, kind, stores_result, parts)) {
        return false;
    }
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
    return reply_write(exchange, session, kind, status, false);
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

/* Claims the key and waits for the other writers. */
static enum claim begin_write(struct exchange *exchange, struct session *session)
{
    set_trace(exchange);
    if (is_dry_run(exchange)) {
        exchange_set_argument(exchange, "key", NULL);
    }
    struct rows *rows = run_statement(exchange, session, &statement_write_begin);
    enum claim claim = rows != NULL ? begin_outcome(exchange, rows) : CLAIM_REFUSED;
    rows_free(rows);
    return claim;
}

/* Whether the record is written as internal. */
static bool writes_internal(const struct exchange *exchange, const struct record_kind *kind)
{
    const char *visibility = json_string_value(json_object_get(exchange->body, "visibility"));
    return kind->internal && visibility != NULL && strcmp(visibility, "internal") == 0;
}

/* A writer may read the internal record that it wrote, even without the scope to read internal
 * records; of a public record it sees what the public sees. Called after the present record was
 * read with the caller's own rights. */
static void reveal_own(struct exchange *exchange, const struct record_kind *kind)
{
    if (writes_internal(exchange, kind)) {
        exchange->caller.sees_internal = true;
    }
}

/* False: a problem is the response, and the transaction is to be rolled back. */
static bool write_in_transaction(struct exchange *exchange, struct session *session,
                                 const struct record_write *write)
{
    switch (begin_write(exchange, session)) {
    case CLAIM_REPLAY:
        reveal_own(exchange, write->kind);
        return record_reply(exchange, session, write->kind, write->status);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        break;
    }
    if (write->on_present && !check_condition(exchange, session, write->kind)) {
        return false;
    }
    reveal_own(exchange, write->kind);
    return run_write(exchange, session, write) &&
           reply_write(exchange, session, write->kind, is_dry_run(exchange) ? 200 : write->status,
                       exchange_value(exchange, "key") != NULL);
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
    } else {
        /* From now on a read by this replica shows the write. */
        revisions_confirm(context->revisions, strtoll(exchange->moment.revision, NULL, 10));
    }
    pool_checkin(session);
}

void record_create(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .statement = kind->create, .status = 201, .takes_key = true};
    write_record(exchange, &write);
}

void record_correct(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .statement = kind->correct, .status = 200, .on_present = true};
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
        .kind = kind, .statement = kind->void_record, .status = 200, .on_present = true};
    if (record_take_reference(exchange, kind, "")) {
        write_record(exchange, &write);
    }
}
