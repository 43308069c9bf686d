#include "api/file/chart_file.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "http/message/problem.h"
#include "render/row.h"
#include "statements.h"

#include <string.h>

#include <stdlib.h>

const char *const official_chart_media[] = {"text/csv", "application/json", NULL};

/* Sets the value `chart`; the names of ignored columns, a new reference. NULL: a problem is the
 * response. */
static json_t *read_chart(struct exchange *exchange)
{
    if (exchange->request_length == 0) {
        problem_reply(exchange, PROBLEM_MALFORMED_BODY,
                      message_text(exchange->language, MESSAGE_FILE_MISSING));
        return NULL;
    }
    enum chart_file_form format =
        strcmp(exchange->content_type, "text/csv") == 0 ? CHART_FILE_CSV : CHART_FILE_JSON;
    json_t *ignored = json_array();
    exchange->body = chart_file_read(exchange, format, exchange->request_bytes,
                                     exchange->request_length, ignored);
    if (fault_found(exchange)) {
        json_decref(ignored);
        problem_reply(exchange, PROBLEM_ROWS_REFUSED, NULL);
        return NULL;
    }
    char *chart = json_dumps(exchange->body, JSON_COMPACT);
    exchange_set_argument(exchange, "chart", arena_copy_text(exchange->arena, chart));
    free(chart);
    return ignored;
}

void reconciliations_compare(struct exchange *exchange)
{
    json_t *ignored = read_chart(exchange);
    if (ignored == NULL) {
        return;
    }
    struct session *session = read_session(exchange);
    struct rows *rows = session != NULL
                            ? run_at_moment(exchange, session, &statement_reconciliation, DAY_TODAY)
                            : NULL;
    pool_checkin(session);
    if (rows == NULL) {
        json_decref(ignored);
        return;
    }
    json_t *document = envelope_make(exchange);
    json_object_update_new(document, row_tree(exchange->arena, rows, 0, NULL));
    json_object_set_new(document, "ignored", ignored);
    rows_free(rows);
    reply_json(exchange, 200, document);
}
