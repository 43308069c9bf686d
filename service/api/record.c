#include "api/record.h"

#include "api/failure.h"
#include "api/representation.h"
#include "api/resource.h"
#include "api/shared.h"
#include "auth/token.h"
#include "http/entity_tag.h"
#include "http/problem.h"
#include "http/route.h"
#include "render/render.h"
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
    exchange_set_value(exchange, "reference", reference);
    if (strcmp(given, reference) != 0 && strcmp(exchange->route->method, "GET") == 0) {
        const char *path =
            arena_print(exchange->arena, "%s/%s%s", kind->collection, reference, behind);
        reply_header(exchange, "Content-Location", exchange_address(exchange, path, NULL));
    }
    return true;
}

static bool is_dry_run(const struct exchange *exchange)
{
    return exchange_value_is(exchange, "dry_run", "true");
}

/* The record as it is read, in one language; NULL: there is none, or a problem is the reply. */
static json_t *read_record(struct exchange *exchange, struct session *session,
                           const struct record_kind *kind, enum language language)
{
    const char *asked = exchange_value(exchange, "lang");
    exchange_set_value(exchange, "lang", language_tag(language));
    struct rows *rows = resource_query(exchange, session, kind->read);
    exchange_set_value(exchange, "lang", asked);
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
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    json_t *record = NULL;
    const char *as_of = exchange_value(exchange, "as_of");
    if (resource_moment(exchange, session)) {
        /* A record has no default day: without as_of it is shown whenever it was done. */
        exchange_set_value(exchange, "as_of", as_of);
        record = read_record(exchange, session, kind, exchange->language);
    }
    store_checkin(session);
    if (record != NULL) {
        represent_item(exchange, kind->graph, record);
    } else if (exchange->reply.status == 0) {
        refuse_missing(exchange, kind);
    }
}

static const char *tag_of(struct exchange *exchange, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    entity_tag_make(text, strlen(text), tag);
    free(text);
    return tag;
}

/* The values `state` and `as_of` are the statement's filters; for reading one record they must
 * be absent. */
static void clear_filters(struct exchange *exchange)
{
    static const char *const filters[] = {"state", "as_of", "kind", "verification", "from", "to"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        exchange_set_value(exchange, filters[i], NULL);
    }
    exchange_set_value(exchange, "limit", "1");
}

/* Whether the tags name the representation in any coding. */
static bool names_a_form(const char *condition, const char *tag)
{
    for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
        char of_form[ENTITY_TAG_SIZE];
        encoding_tag((enum encoding)encoding, tag, of_form);
        if (entity_tag_in(condition, of_form, false)) {
            return true;
        }
    }
    return false;
}

/* If-Match names a representation in any language (RFC 9110 §13.1.1). Called under the lock. */
static bool check_condition(struct exchange *exchange, struct session *session,
                            const struct record_kind *kind)
{
    const char *condition = exchange_header(exchange, "If-Match");
    exchange_set_value(exchange, "known_at", NULL);
    if (!resource_moment(exchange, session)) {
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
        found = found || names_a_form(condition, tag_of(exchange, present));
        json_decref(present);
    }
    if (!found) {
        problem_reply(exchange, PROBLEM_PRECONDITION_FAILED,
                      message_text(exchange->language, MESSAGE_IF_MATCH_STALE));
    }
    return found;
}

static bool has_condition(struct exchange *exchange)
{
    const char *condition = exchange_header(exchange, "If-Match");
    if (condition == NULL) {
        problem_reply(exchange, PROBLEM_PRECONDITION_REQUIRED,
                      message_text(exchange->language, MESSAGE_IF_MATCH_MISSING));
        return false;
    }
    if (!entity_tag_list_valid(condition)) {
        fault_add(exchange, FAULT_HEADER, "If-Match", NULL,
                  message_text(exchange->language, MESSAGE_IF_MATCH_MALFORMED));
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    return true;
}

static bool key_is_valid(const char *key)
{
    enum { LONGEST_KEY = 255 };
    size_t length = 0;
    while (key[length] > 0x20 && key[length] < 0x7f) {
        length++;
    }
    return length > 0 && length <= LONGEST_KEY && key[length] == '\0';
}

/* Sets the values `key` and `digest`; false: a problem is the reply. */
static bool take_key(struct exchange *exchange)
{
    const char *key = exchange_header(exchange, "Idempotency-Key");
    if (key == NULL) {
        return true;
    }
    if (!key_is_valid(key)) {
        fault_add(exchange, FAULT_HEADER, "Idempotency-Key", NULL,
                  message_text(exchange->language, MESSAGE_KEY_MALFORMED));
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    char *body = json_dumps(exchange->body, JSON_COMPACT | JSON_SORT_KEYS);
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    token_digest(body, digest);
    free(body);
    exchange_set_value(exchange, "key", key);
    exchange_set_value(exchange, "digest", digest);
    return true;
}

enum claim { CLAIM_NEW, CLAIM_REPLAY, CLAIM_REFUSED };

/* What became of the key: new, or answered before; otherwise a problem is the reply. */
static enum claim claim_key(struct exchange *exchange, struct session *session)
{
    if (exchange_value(exchange, "key") == NULL || is_dry_run(exchange)) {
        return CLAIM_NEW;
    }
    struct rows *rows = resource_query(exchange, session, &statement_request_claim);
    if (rows == NULL) {
        return CLAIM_REFUSED;
    }
    enum claim claim = CLAIM_REFUSED;
    const char *outcome = rows_named(rows, 0, "outcome");
    if (strcmp(outcome, "new") == 0) {
        claim = CLAIM_NEW;
    } else if (strcmp(outcome, "replay") == 0) {
        static const char *const names[] = {"reference", "known_at", "as_of", "revision_before",
                                            "revision"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            exchange_set_value(exchange, names[i],
                               arena_copy_text(exchange->arena, rows_named(rows, 0, names[i])));
        }
        claim = CLAIM_REPLAY;
    } else if (strcmp(outcome, "mismatch") == 0) {
        fault_add(exchange, FAULT_HEADER, "Idempotency-Key", NULL,
                  message_text(exchange->language, MESSAGE_KEY_REUSED));
        problem_reply(exchange, PROBLEM_KEY_REUSED, NULL);
    } else {
        problem_reply(exchange, PROBLEM_KEY_IN_PROGRESS,
                      message_text(exchange->language, MESSAGE_KEY_IN_PROGRESS));
        reply_header(exchange, "Retry-After", "1");
    }
    rows_free(rows);
    return claim;
}

static bool run_write(struct exchange *exchange, struct session *session,
                      const struct record_write *write)
{
    if (exchange->body != NULL) {
        char *document = json_dumps(exchange->body, JSON_COMPACT);
        exchange_set_value(exchange, "document", arena_copy_text(exchange->arena, document));
        free(document);
    }
    struct rows *rows = resource_query(exchange, session, write->statement);
    if (rows == NULL) {
        return false;
    }
    static const char *const names[] = {"reference", "version", "revision"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        exchange_set_value(exchange, names[i],
                           arena_copy_text(exchange->arena, rows_named(rows, 0, names[i])));
    }
    rows_free(rows);
    exchange_set_value(exchange, "known_at", NULL);
    exchange_set_value(exchange, "as_of", NULL);
    return true;
}

/* The row that a statement gives, or null; false: a problem is the reply. */
static bool add_row(struct exchange *exchange, struct session *session, json_t *document,
                    const char *member, const struct statement *statement)
{
    struct rows *rows = resource_query(exchange, session, statement);
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
static bool reply_with_record(struct exchange *exchange, struct session *session,
                              const struct record_write *write, int status)
{
    /* Numbering and time of the write are known; the moment only fills in the day. */
    const char *revision = exchange_value(exchange, "revision");
    if (!resource_moment(exchange, session)) {
        return false;
    }
    exchange_set_value(exchange, "revision", revision);
    const char *as_of = exchange_value(exchange, "as_of");
    clear_filters(exchange);
    json_t *record = read_record(exchange, session, write->kind, exchange->language);
    if (record == NULL) {
        if (exchange->reply.status == 0) {
            refuse_missing(exchange, write->kind);
        }
        return false;
    }
    const char *tag = tag_of(exchange, record);
    exchange_set_value(exchange, "as_of", as_of);
    json_t *document = json_object();
    if (is_dry_run(exchange)) {
        json_object_set_new(document, "dry_run", json_true());
    }
    json_object_set_new(document, write->kind->member, record);
    if (write->kind->of_state) {
        const char *state = json_string_value(json_object_get(record, "state"));
        exchange_set_value(exchange, "state", arena_copy_text(exchange->arena, state));
        if (!add_row(exchange, session, document, "state", &statement_states)) {
            json_decref(document);
            return false;
        }
    }
    if (!add_row(exchange, session, document, "consequences", &statement_consequences)) {
        json_decref(document);
        return false;
    }
    reply_json(exchange, status, document);
    if (!is_dry_run(exchange)) {
        exchange->reply.etag = tag;
    }
    if (status == 201) {
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "%s/%s", write->kind->collection,
                                 exchange_value(exchange, "reference")));
    }
    return true;
}

/* Waits for the other writers; sets revision_before. */
static bool take_lock(struct exchange *exchange, struct session *session)
{
    struct rows *lock = resource_query(exchange, session, &statement_write_lock);
    if (lock == NULL) {
        return false;
    }
    exchange_set_value(exchange, "revision_before",
                       arena_copy_text(exchange->arena, rows_named(lock, 0, "revision")));
    rows_free(lock);
    return true;
}

/* False: a problem is the reply, and the transaction is to be rolled back. */
static bool write_in_transaction(struct exchange *exchange, struct session *session,
                                 const struct record_write *write)
{
    switch (claim_key(exchange, session)) {
    case CLAIM_REPLAY:
        return reply_with_record(exchange, session, write, write->status);
    case CLAIM_REFUSED:
        return false;
    case CLAIM_NEW:
    default:
        break;
    }
    if (!take_lock(exchange, session) ||
        (write->on_present && !check_condition(exchange, session, write->kind)) ||
        !run_write(exchange, session, write) ||
        !reply_with_record(exchange, session, write, is_dry_run(exchange) ? 200 : write->status)) {
        return false;
    }
    if (exchange_value(exchange, "key") != NULL && !is_dry_run(exchange)) {
        struct rows *settled = resource_query(exchange, session, &statement_request_settle);
        if (settled == NULL) {
            return false;
        }
        rows_free(settled);
    }
    return true;
}

static void write_record(struct exchange *exchange, const struct record_write *write)
{
    if ((write->on_present && !has_condition(exchange)) ||
        (write->takes_key && !take_key(exchange))) {
        return;
    }
    if (write->kind->internal) {
        exchange_set_value(exchange, "internal", "true");
    }
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    if (session_begin(session) != STORE_DONE) {
        failure_unavailable(exchange);
    } else if (!write_in_transaction(exchange, session, write) || is_dry_run(exchange)) {
        (void)session_rollback(session);
    } else if (session_commit(session) != STORE_DONE) {
        exchange->reply.header_count = 0;
        failure_outcome_unknown(exchange);
    } else {
        /* Who wrote here reads here what was written, from now on. */
        const struct shared *shared = exchange->application;
        listener_saw(shared->listener, strtoll(exchange_value(exchange, "revision"), NULL, 10));
    }
    store_checkin(session);
}

void record_enter(struct exchange *exchange, const struct record_kind *kind)
{
    const struct record_write write = {
        .kind = kind, .statement = kind->enter, .status = 201, .takes_key = true};
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
        .kind = kind, .statement = kind->make_void, .status = 200, .on_present = true};
    if (record_take_reference(exchange, kind, "")) {
        write_record(exchange, &write);
    }
}
