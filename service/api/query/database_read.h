/* Reads of the database, as all resources make them: statements whose parameters get the exchange's
 * values by name, the moment of the response, and the envelope of a list. */
#ifndef ETS144_API_QUERY_DATABASE_READ_H
#define ETS144_API_QUERY_DATABASE_READ_H

#include "api/format/jsonld.h"
#include "api/format/table.h"
#include "api/query/moment.h"
#include "http/message/exchange.h"
#include "store/pool.h"

/* A session for the exchange's route: of a standby where the answer follows from the revision
 * alone, else of the primary. NULL: 503 is the response. The caller checks it in. */
struct session *read_session(struct exchange *exchange);
/* A session of the primary: for reads that must not lag behind, such as a token. */
struct session *primary_session(struct exchange *exchange);

/* Runs a statement; each parameter is the exchange's value of that name, null if it has none.
 * NULL: a problem document is the response. The caller frees the rows. */
struct rows *run_statement(struct exchange *exchange, struct session *session,
                           const struct statement *statement);

/* The statement with the exchange's present values. */
struct store_item bind_statement(struct exchange *exchange, const struct statement *statement);
/* Runs the statements in one round trip (session_run_all() in pool.h). False: a problem document is
 * the response. The caller frees the rows of each. */
bool run_statements(struct exchange *exchange, struct session *session, struct store_item *items,
                    int count);

/* A read as a whole: a session, the moment, the statement, which may resolve the moment itself.
 * NULL: a problem is the response. The caller frees the rows. */
struct rows *read_rows(struct exchange *exchange, const struct statement *statement);

/* {as_of, known_at, revision, projected?}. */
json_t *envelope_make(const struct exchange *exchange);
json_t *known_at_json(const struct exchange *exchange);
json_t *revision_json(const struct exchange *exchange);

/* Responds with all rows of a statement in their envelope, at the moment asked for, with the
 * columns of the parameter `fields`. */
void read_reply_list(struct exchange *exchange, const struct statement *statement);
/* The same for a list that is also offered as a table and as JSON-LD. */
void read_reply_table(struct exchange *exchange, const struct statement *statement,
                      const struct table *table, const struct jsonld_type *type);

/* Responds with the single row, or with 404 and the message. Frees the rows. */
void read_reply_item(struct exchange *exchange, struct rows *rows, enum message missing,
                     const char *name);

/* Responds with the moment and the first row. Frees the rows. */
void read_reply_document(struct exchange *exchange, struct rows *rows);
/* The one row of a statement at the moment asked for; NULL: the response is 404 with the message,
 * or another problem. The caller frees the rows. */
struct rows *read_one(struct exchange *exchange, const struct statement *statement,
                      enum message missing, const char *name);
/* Responds with the moment and the single row of a statement, or with 404 and the message. */
void read_reply_one(struct exchange *exchange, const struct statement *statement,
                    enum message missing, const char *name);

/* Checks the parameter `fields` against the columns; false: 400 is the response. */
bool check_fields(struct exchange *exchange, const struct rows *rows);

#endif
