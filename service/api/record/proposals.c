#include "api/record/proposals.h"

#include "api/format/link.h"
#include "api/format/representation.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/record/idempotency.h"
#include "api/record/record.h"
#include "base/syntax.h"
#include "render/json.h"
#include "render/row.h"
#include "statements.h"

#include <stdlib.h>

const struct json_field changeset_reject_fields[] = {
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

/* The changeset that an approval records. */
static const struct record_kind approval = {
    .member = "changeset",
    .collection = "/v1/changesets",
    .read = &statement_changesets,
    .create = &statement_proposal_approve,
    .links = changeset_links,
    .is_reference = syntax_is_uuid,
    .is_file = true,
    .approves = true,
    .missing = MESSAGE_NO_CHANGESET,
};

/* Reading ------------------------------------------------------------------------------------- */

/* Writes the proposal of the argument `reference`. */
static enum proposal_found read_item(struct exchange *exchange, struct session *session,
                                     struct buffer *item)
{
    exchange_set_argument(exchange, "limit", "1");
    struct rows *rows = run_statement(exchange, session, &statement_proposals);
    if (rows == NULL || rows_count(rows) == 0) {
        enum proposal_found found = rows == NULL ? PROPOSAL_FAILED : PROPOSAL_MISSING;
        rows_free(rows);
        return found;
    }
    const struct row_plan *plan = row_plan_make(exchange->arena, rows, NULL);
    row_write(plan, 0, item);
    json_reopen(item);
    link_row(exchange->arena, changeset_links, plan, 0, "", item);
    buffer_add(item, "}", 1);
    rows_free(rows);
    return PROPOSAL_FOUND;
}

enum proposal_found proposal_show(struct exchange *exchange)
{
    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return PROPOSAL_FAILED;
    }
    struct buffer item = {.bytes = NULL};
    enum proposal_found found = read_item(exchange, session, &item);
    pool_checkin(session);
    if (found == PROPOSAL_FOUND) {
        represent_item(exchange, NULL, &item);
    }
    return found;
}

enum proposal_found proposal_reply(struct exchange *exchange, struct session *session)
{
    struct buffer item = {.bytes = NULL};
    enum proposal_found found = read_item(exchange, session, &item);
    if (found == PROPOSAL_FOUND) {
        json_t *document = json_object();
        json_object_set_new(document, "changeset", json_tree_of(&item));
        reply_json(exchange, 202, document);
        reply_header(exchange, "Location",
                     arena_print(exchange->arena, "/v1/changesets/%s",
                                 exchange_value(exchange, "reference")));
    }
    return found;
}

/* Deciding ------------------------------------------------------------------------------------ */

/* Sets the argument `proposal`; false: 404 is the response. */
static bool take_proposal(struct exchange *exchange)
{
    if (!record_take_reference(exchange, &approval, "")) {
        return false;
    }
    exchange_set_argument(exchange, "proposal", exchange_value(exchange, "reference"));
    return true;
}

/* Takes what the proposal asks for as the body, so that faults have the places of its author's
 * request. False: a problem is the response. */
static bool take_document(struct exchange *exchange)
{
    struct session *session = primary_session(exchange);
    if (session == NULL) {
        return false;
    }
    struct rows *rows = run_statement(exchange, session, &statement_proposal_document);
    pool_checkin(session);
    bool found = rows != NULL && rows_count(rows) > 0;
    if (found) {
        exchange->body = json_loads(rows_named(rows, 0, "document"), 0, NULL);
    } else if (rows != NULL) {
        record_refuse_missing(exchange, &approval);
    }
    rows_free(rows);
    return found;
}

void changesets_approve(struct exchange *exchange)
{
    if (take_proposal(exchange) && take_document(exchange)) {
        record_create(exchange, &approval);
    }
}

/* Rejects or withdraws, and responds with the proposal. */
static bool end_proposal(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_proposal_end);
    if (rows == NULL) {
        return false;
    }
    rows_free(rows);
    struct buffer item = {.bytes = NULL};
    bool read = read_item(exchange, session, &item) == PROPOSAL_FOUND;
    if (read) {
        reply_json(exchange, 200, json_tree_of(&item));
    }
    return read;
}

static void end_as(struct exchange *exchange, const char *event)
{
    if (!take_proposal(exchange)) {
        return;
    }
    if (exchange->body != NULL) {
        char *document = json_dumps(exchange->body, JSON_COMPACT);
        exchange_set_argument(exchange, "document", arena_copy_text(exchange->arena, document));
        free(document);
    }
    exchange_set_argument(exchange, "event", event);
    request_write(exchange, end_proposal, NULL);
}

void changesets_reject(struct exchange *exchange)
{
    end_as(exchange, "rejected");
}

void changesets_withdraw(struct exchange *exchange)
{
    end_as(exchange, "withdrawn");
}
