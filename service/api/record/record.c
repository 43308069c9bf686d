#include "api/record/record.h"

#include "api/format/representation.h"
#include "api/query/database_error.h"
#include "api/query/database_read.h"
#include "api/record/idempotency.h"
#include "api/record/if_match.h"
#include "context.h"
#include "http/message/problem.h"
#include "http/request/canonical_query.h"
#include "http/request/route.h"
#include "render/json.h"
#include "statements.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct record_write {
    const struct record_kind *kind;
    const struct statement *statement;
    int status;      /* when it was recorded */
    bool on_present; /* changes what exists: needs If-Match */
    bool takes_key;  /* Idempotency-Key is heeded */
};

static void refuse_missing(struct exchange *exchange, const struct record_kind *kind)
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
        refuse_missing(exchange, kind);
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

/* The record as it is read, in one language; NULL: there is none, or a problem is the reply. */
static json_t *read_record(struct exchange *exchange, struct session *session,
                           const struct record_kind *kind, enum language language)
{
    enum language asked = exchange->language;
    exchange->language = language;
    struct rows *rows = run_statement(exchange, session, kind->read);
    exchange->language = asked;
    json_t *record = NULL;
    if (rows != NULL && rows_count(rows) > 0) {
        record = render_row(exchange->arena, rows, 0, NULL);
        link_item(exchange->arena, record, kind->links);
    }
    if (rows != NULL) {
        rows_free(rows);
    }
    return record;
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
    json_t *record = NULL;
    if (resolve_moment(exchange, session)) {
        /* A record has no default day: without as_of it is shown whenever it was done. */
        exchange->moment.as_of = exchange->asked.as_of;
        record = read_record(exchange, session, kind, exchange->language);
    }
    pool_checkin(session);
    if (record != NULL) {
        represent_item(exchange, kind->jsonld, record);
    } else if (exchange->reply.status == 0) {
        refuse_missing(exchange, kind);
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

/* If-Match names a representation in any language (RFC 9110 §13.1.1). Called under the lock. */
static bool check_condition(struct exchange *exchange, struct session *session,
                            const struct record_kind *kind)
{
    exchange->moment.known_at = NULL;
    if (!resolve_moment(exchange, session)) {
        return false;
    }
    clear_filters(exchange);
    bool found = false;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        json_t *present = read_record(exchange, session, kind, (enum language)language);
        if (present == NULL) {
            if (exchange->reply.status == 0) {
                refuse_missing(exchange, kind);
            }
            return false;
        }
        found = found || if_match_names(exchange, present);
        json_decref(present);
    }
    if (!found) {
        if_match_refuse(exchange);
    }
    return found;
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
    exchange_set_argument(exchange, "reference",
                          arena_copy_text(exchange->arena, rows_named(rows, 0, "reference")));
    exchange->moment = (struct moment){
        .revision = arena_copy_text(exchange->arena, rows_named(rows, 0, "revision"))};
    rows_free(rows);
    return true;
}

/* The row that a statement gives, or null; false: a problem is the reply. */
static bool add_row(struct exchange *exchange, struct session *session, json_t *document,
                    const char *member, const struct statement *statement)
{
    struct rows *rows = run_statement(exchange, session, statement);
    if (rows == NULL) {
        return false;
    }
    json_object_set_new(document, member,
                        rows_count(rows) > 0 ? render_row(exchange->arena, rows, 0, NULL)
                                             : json_null());
    rows_free(rows);
    return true;
}

/* The record, its State and what the write brings about, at the exchange's moment, as the reply. */
bool record_reply(struct exchange *exchange, struct session *session,
                  const struct record_kind *kind, int status)
{
    /* Numbering and time of the write are known; the moment only fills in the day. */
    const char *revision = exchange->moment.revision;
    if (!resolve_moment(exchange, session)) {
        return false;
    }
    exchange->moment.revision = revision;
    const char *as_of = exchange->moment.as_of;
    clear_filters(exchange);
    json_t *record = read_record(exchange, session, kind, exchange->language);
    if (record == NULL) {
        if (exchange->reply.status == 0) {
            refuse_missing(exchange, kind);
        }
        return false;
    }
    const char *tag = if_match_tag(exchange, record);
    exchange->moment.as_of = as_of;
    json_t *document = json_object();
    if (is_dry_run(exchange)) {
        json_object_set_new(document, "dry_run", json_true());
    }
    json_object_set_new(document, kind->member, record);
    if (kind->with_state) {
        const char *state = json_string_value(json_object_get(record, "state"));
        exchange_set_argument(exchange, "state", arena_copy_text(exchange->arena, state));
        if (!add_row(exchange, session, document, "state", &statement_states)) {
            json_decref(document);
            return false;
        }
    }
    if (!add_row(exchange, session, document, "consequences", &statement_consequences)) {
        json_decref(document);
        return false;
    }
    tag = kind->etag_of_whole ? if_match_tag(exchange, document) : tag;
    reply_json(exchange, status, document);
    if (!is_dry_run(exchange)) {
        exchange->reply.etag = tag;
    }
    if (status == 201) {
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "%s/%s", kind->collection,
                                 exchange_value(exchange, "reference")));
    }
    return true;
}

/* Goes with the entries of the feed, to webhooks. False: a problem is the reply. */
static bool note_trace(struct exchange *exchange, struct session *session)
{
    if (exchange->trace.id[0] == '\0') {
        return true;
    }
    char *text = arena_allocate(exchange->arena, TRACE_TEXT_SIZE);
    trace_write(&exchange->trace, text);
    exchange_set_argument(exchange, "trace", text);
    struct rows *noted = run_statement(exchange, session, &statement_write_trace);
    rows_free(noted);
    return noted != NULL;
}

/* Waits for the other writers; sets revision_before. */
static bool take_lock(struct exchange *exchange, struct session *session)
{
    struct rows *lock = run_statement(exchange, session, &statement_write_lock);
    if (lock == NULL) {
        return false;
    }
    exchange_set_argument(exchange, "revision_before",
                          arena_copy_text(exchange->arena, rows_named(lock, 0, "revision")));
    rows_free(lock);
    return true;
}

/* Whoever writes sees what they wrote, whatever else they may see: called when what is there
 * already was looked at with their own eyes. */
static void reveal_own(struct exchange *exchange, const struct record_kind *kind)
{
    if (kind->internal) {
        exchange->caller.sees_internal = true;
    }
}

/* False: a problem is the reply, and the transaction is to be rolled back. */
static bool write_in_transaction(struct exchange *exchange, struct session *session,
                                 const struct record_write *write)
{
    switch (is_dry_run(exchange) ? CLAIM_NEW : idempotency_claim(exchange, session)) {
    case CLAIM_REPLAY:
        reveal_own(exchange, write->kind);
        return record_reply(exchange, session, write->kind, write->status);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        break;
    }
    if (!note_trace(exchange, session) || !take_lock(exchange, session) ||
        (write->on_present && !check_condition(exchange, session, write->kind))) {
        return false;
    }
    reveal_own(exchange, write->kind);
    if (!run_write(exchange, session, write) ||
        !record_reply(exchange, session, write->kind, is_dry_run(exchange) ? 200 : write->status)) {
        return false;
    }
    return is_dry_run(exchange) || idempotency_store_result(exchange, session);
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
        /* Who wrote here reads here what was written, from now on. */
        revisions_observe(context->revisions, strtoll(exchange->moment.revision, NULL, 10));
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
    if (record_take_reference(exchange, kind, "")) {
        write_record(exchange, &write);
    }
}

void record_void(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .statement = kind->void_record, .status = 200, .on_present = true};
    if (record_take_reference(exchange, kind, "")) {
        write_record(exchange, &write);
    }
}
