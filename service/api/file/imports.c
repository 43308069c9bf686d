#include "api/file/action_file.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/record/record.h"
#include "auth/token.h"
#include "base/syntax.h"
#include "context.h"
#include "http/message/problem.h"
#include "statements.h"

#include <string.h>

const char *const import_file_media[] = {"text/csv", "application/x-ndjson", NULL};

static const struct link import_links[] = {
    {"self", "/v1/imports/{id}"},
    {.relation = NULL},
};

static const struct record_kind import = {
    .member = "import",
    .collection = "/v1/imports",
    .read = &statement_imports,
    .create = &statement_import_record,
    .links = import_links,
    .is_reference = syntax_is_uuid,
    .is_file = true,
    .etag_of_whole = true,
    .missing = MESSAGE_NO_IMPORT,
};

/* Reads the file into exchange->body; false: a problem is the response. Malformed rows go to the
 * database with the others, so that the response names the breaches of the other rows, too. */
static bool read_file(struct exchange *exchange, const struct context *context)
{
    if (exchange->request_length == 0) {
        problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                      message_text(exchange->language, MESSAGE_FILE_MISSING));
        return false;
    }
    enum action_file_form format =
        strcmp(exchange->content_type, "text/csv") == 0 ? ACTION_FILE_CSV : ACTION_FILE_NDJSON;
    exchange->body = action_file_read(exchange, format, exchange->request_bytes,
                                      exchange->request_length, context->max_file_rows);
    if (exchange->body == NULL) {
        problem_reply(exchange, PROBLEM_ROWS_REFUSED, NULL);
        return false;
    }
    char *digest = arena_allocate(exchange->arena, TOKEN_DIGEST_SIZE);
    token_digest_bytes(exchange->request_bytes, exchange->request_length, digest);
    exchange_set_argument(exchange, "file_digest", digest);
    return true;
}

/* One import at a time: it takes a handler thread and a session until the database has judged all
 * rows. */
void imports_record(struct exchange *exchange)
{
    struct context *context = exchange->context;
    if (context->second_person && !exchange_parameter_is(exchange, "dry_run", "true")) {
        problem_reply(exchange, PROBLEM_APPROVAL_REQUIRED, NULL);
        return;
    }
    if (atomic_exchange(&context->importing, true)) {
        problem_reply(exchange, PROBLEM_BUSY,
                      message_text(exchange->language, MESSAGE_IMPORT_UNDER_WAY));
        reply_header(exchange, "Retry-After", "5");
        return;
    }
    if (read_file(exchange, context)) {
        record_create(exchange, &import);
    }
    atomic_store(&context->importing, false);
}

/* Sets as_of and the revisions before and after the import, so that the response is the one of the
 * time; false: a problem is the response, also for a token that neither made the import nor has the
 * administrators' scope. */
static bool set_revisions(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_import_revisions);
    if (rows == NULL || rows_count(rows) == 0) {
        if (rows != NULL) {
            record_refuse_missing(exchange, &import);
        }
        rows_free(rows);
        return false;
    }
    static const char *const names[] = {"as_of", "revision_before", "revision"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        exchange_set_argument(exchange, names[i],
                              arena_copy_text(exchange->arena, rows_named(rows, 0, names[i])));
    }
    rows_free(rows);
    return true;
}

void imports_show(struct exchange *exchange)
{
    if (!record_take_reference(exchange, &import, "")) {
        return;
    }
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    if (resolve_moment(exchange, session) && set_revisions(exchange, session)) {
        (void)record_reply(exchange, session, &import, 200);
    }
    pool_checkin(session);
}
