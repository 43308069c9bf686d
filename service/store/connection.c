#include "store/connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "statements.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void store_fault_clear(struct store_fault *fault)
{
    free(fault->constraint);
    free(fault->message);
    free(fault->detail);
    memset(fault, 0, sizeof *fault);
}

/* libpq's messages have several lines; a log field has one. */
static void first_line(char *to, int size, const char *from)
{
    (void)snprintf(to, (size_t)size, "%.*s", (int)strcspn(from, "\n"), from);
}

/* PostgreSQL warns when a commit stopped waiting for the synchronous standbys. */
static void on_notice(void *closure, const PGresult *result)
{
    struct connection *connection = closure;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    connection->warned =
        connection->warned || (severity != NULL && strcmp(severity, "WARNING") == 0);
}

bool connection_open(struct connection *connection, struct hosts *hosts, char *error,
                     int error_size)
{
    /* These override the URL: rows have UTC times and ISO dates, the server ends what takes too
     * long, and the short statements are planned once and never compiled. A pooler passes no such
     * options on; behind it the role has them (sql/deploy/roles.sql). */
    char options[256];
    (void)snprintf(options, sizeof options,
                   "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=%d "
                   "-c idle_in_transaction_session_timeout=10000 -c jit=off "
                   "-c plan_cache_mode=force_generic_plan",
                   connection->statement_timeout_ms);
    PGconn *libpq = hosts_connect(hosts, "ets144", connection->pooled ? NULL : options);
    if (PQstatus(libpq) != CONNECTION_OK || PQsetnonblocking(libpq, 1) != 0) {
        first_line(error, error_size, PQerrorMessage(libpq));
        PQfinish(libpq);
        return false;
    }
    connection->libpq = libpq;
    connection->timeout_ms = connection->statement_timeout_ms;
    connection->prepared =
        connection->pooled ? NULL : memory_allocate(STATEMENT_COUNT * sizeof(bool));
    (void)PQsetNoticeReceiver(libpq, on_notice, connection);
    return true;
}

void connection_close(struct connection *connection)
{
    PQfinish(connection->libpq);
    free(connection->prepared);
    connection->libpq = NULL;
    connection->prepared = NULL;
}

bool connection_is_usable(const struct connection *connection)
{
    return connection->libpq != NULL && PQstatus(connection->libpq) == CONNECTION_OK &&
           PQtransactionStatus(connection->libpq) == PQTRANS_IDLE;
}

bool connection_is_open(struct connection *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection->libpq), .events = POLLIN};
    return poll(&socket, 1, 0) == 0 || PQconsumeInput(connection->libpq);
}

bool connection_in_transaction(const struct connection *connection)
{
    if (connection->libpq == NULL) {
        return false;
    }
    PGTransactionStatusType status = PQtransactionStatus(connection->libpq);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

/* Waits for the socket. False: the deadline passed, or the circuit opened meanwhile, which is
 * looked at every CIRCUIT_POLL_MS. */
static bool wait_for(const struct connection *connection, short events, long long deadline)
{
    enum { CIRCUIT_POLL_MS = 20 };
    struct pollfd socket = {.fd = PQsocket(connection->libpq), .events = events};
    for (;;) {
        long long left = deadline - clock_milliseconds();
        if (left <= 0 ||
            (connection->circuit_open != NULL && atomic_load(connection->circuit_open))) {
            return false;
        }
        int count = poll(&socket, 1, left < CIRCUIT_POLL_MS ? (int)left : CIRCUIT_POLL_MS);
        if (count > 0) {
            return true;
        }
        if (count < 0 && errno != EINTR) {
            return false;
        }
    }
}

static bool send_all(struct connection *connection, long long deadline)
{
    for (;;) {
        int flushed = PQflush(connection->libpq);
        if (flushed <= 0) {
            return flushed == 0;
        }
        if (!wait_for(connection, POLLIN | POLLOUT, deadline) ||
            !PQconsumeInput(connection->libpq)) {
            return false;
        }
    }
}

/* Closes a connection whose server did not answer in time. */
static enum store_outcome give_up(struct connection *connection, const char *statement)
{
    char error[200];
    first_line(error, (int)sizeof error, PQerrorMessage(connection->libpq));
    log_event(LOG_LEVEL_ERROR, "statement_unanswered", log_text("statement", statement),
              log_text("error", error));
    connection_close(connection);
    return STORE_UNAVAILABLE;
}

/* The last result of the command that was sent; caller clears. NULL: no answer before the deadline,
 * or the connection broke. */
static PGresult *receive_result(struct connection *connection, long long deadline)
{
    PGresult *last = NULL;
    for (;;) {
        while (PQisBusy(connection->libpq)) {
            if (!wait_for(connection, POLLIN, deadline) || !PQconsumeInput(connection->libpq)) {
                PQclear(last);
                return NULL;
            }
        }
        PGresult *next = PQgetResult(connection->libpq);
        if (next == NULL) {
            return last;
        }
        if (PQstatus(connection->libpq) != CONNECTION_OK) {
            /* In a pipeline libpq would repeat the error for each queued command. */
            PQclear(last);
            return next;
        }
        PQclear(last);
        last = next;
    }
}

/* Sends the rest of the command and receives its result, which the caller clears. NULL: the
 * connection has been closed. */
static PGresult *finish_command(struct connection *connection, const char *statement)
{
    long long deadline = clock_milliseconds() + connection->timeout_ms;
    PGresult *result = send_all(connection, deadline) ? receive_result(connection, deadline) : NULL;
    if (result == NULL || PQstatus(connection->libpq) != CONNECTION_OK) {
        PQclear(result);
        (void)give_up(connection, statement);
        return NULL;
    }
    return result;
}

static char *copy_field(const PGresult *result, int field)
{
    const char *value = PQresultErrorField(result, field);
    return value == NULL ? NULL : memory_copy_text(value);
}

/* read_only_sql_transaction: the server was the primary when this connection was opened, and has
 * been demoted. The next connection looks for the new primary. */
#define READ_ONLY "25006"

/* SQLSTATE classes 08, 53, 57 and 58: the server cannot serve now. 40: the transaction may be tried
 * again. */
static bool is_unavailable(const char *sqlstate)
{
    static const char *const classes[] = {"08", "40", "53", "57", "58"};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strncmp(sqlstate, classes[i], 2) == 0) {
            return true;
        }
    }
    return false;
}

/* The outcome of a result that is an error. */
static enum store_outcome refuse(struct connection *connection, const PGresult *result,
                                 const char *statement, struct store_fault *fault)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool demoted = sqlstate != NULL && strcmp(sqlstate, READ_ONLY) == 0;
    if (sqlstate == NULL || is_unavailable(sqlstate) || demoted) {
        char error[200];
        first_line(error, (int)sizeof error, PQresultErrorMessage(result));
        log_event(LOG_LEVEL_ERROR, "statement_failed", log_text("statement", statement),
                  log_text("sqlstate", sqlstate), log_text("error", error));
        if (demoted) {
            connection_close(connection);
        }
        return STORE_UNAVAILABLE;
    }
    if (fault != NULL) {
        memset(fault, 0, sizeof *fault);
        (void)snprintf(fault->sqlstate, sizeof fault->sqlstate, "%s", sqlstate);
        fault->constraint = copy_field(result, PG_DIAG_CONSTRAINT_NAME);
        fault->message = copy_field(result, PG_DIAG_MESSAGE_PRIMARY);
        fault->detail = copy_field(result, PG_DIAG_MESSAGE_DETAIL);
    }
    return STORE_REFUSED;
}

/* Queues a statement, and its preparation if the connection has not prepared it yet. */
static bool send_item(struct connection *connection, const struct store_item *item, bool *prepares)
{
    const struct statement *statement = item->statement;
    if (connection->prepared == NULL) {
        return PQsendQueryParams(connection->libpq, statement->sql, statement->parameter_count,
                                 NULL, item->values, NULL, NULL, 0);
    }
    *prepares = !connection->prepared[statement->index];
    if (*prepares && !PQsendPrepare(connection->libpq, statement->name, statement->sql, 0, NULL)) {
        return false;
    }
    connection->prepared[statement->index] = true;
    return PQsendQueryPrepared(connection->libpq, statement->name, statement->parameter_count,
                               item->values, NULL, NULL, 0);
}

/* Receives the next result of the pipeline. False: the connection has been closed. The first error
 * becomes *failed, which the caller clears; the server skips all that was queued behind it. */
static bool receive_expected(struct connection *connection, const char *statement,
                             ExecStatusType expected, PGresult **result, PGresult **failed)
{
    *result = finish_command(connection, statement);
    if (*result == NULL) {
        return false;
    }
    if (PQresultStatus(*result) != expected) {
        if (*failed == NULL) {
            *failed = *result;
        } else {
            PQclear(*result);
        }
        *result = NULL;
    }
    return true;
}

/* Receives what send_item() queued. False: the connection has been closed. */
static bool receive_item(struct connection *connection, struct store_item *item, bool prepares,
                         PGresult **failed)
{
    const struct statement *statement = item->statement;
    PGresult *result = NULL;
    if (prepares) {
        if (!receive_expected(connection, statement->name, PGRES_COMMAND_OK, &result, failed)) {
            return false;
        }
        connection->prepared[statement->index] = result != NULL;
        PQclear(result);
    }
    bool received = receive_expected(connection, statement->name, PGRES_TUPLES_OK, &result, failed);
    item->rows = rows_of_result(result);
    return received;
}

/* Queues all, then receives all, up to the end of the pipeline. False: the connection has been
 * closed. */
static bool run_pipeline(struct connection *connection, struct store_item *items, int count,
                         PGresult **failed)
{
    bool prepares[MAX_STORE_ITEMS] = {false};
    bool open = PQenterPipelineMode(connection->libpq);
    for (int i = 0; i < count && open; i++) {
        open = send_item(connection, &items[i], &prepares[i]);
    }
    if (!open || !PQpipelineSync(connection->libpq)) {
        (void)give_up(connection, items[0].statement->name);
        return false;
    }
    for (int i = 0; i < count && open; i++) {
        open = receive_item(connection, &items[i], prepares[i], failed);
    }
    PGresult *end = NULL;
    open = open && receive_expected(connection, items[count - 1].statement->name,
                                    PGRES_PIPELINE_SYNC, &end, failed);
    PQclear(end);
    if (open && !PQexitPipelineMode(connection->libpq)) {
        (void)give_up(connection, items[count - 1].statement->name);
        return false;
    }
    return open;
}

static void free_rows(struct store_item *items, int count)
{
    for (int i = 0; i < count; i++) {
        rows_free(items[i].rows);
        items[i].rows = NULL;
    }
}

/* The name of the first statement without rows: the server refused that. */
static const char *failed_name(const struct store_item *items, int count)
{
    int failed = 0;
    while (failed < count - 1 && items[failed].rows != NULL) {
        failed++;
    }
    return items[failed].statement->name;
}

enum store_outcome connection_run_all(struct connection *connection, struct store_item *items,
                                      int count, struct store_fault *fault)
{
    for (int i = 0; i < count; i++) {
        items[i].rows = NULL;
    }
    if (connection->libpq == NULL) {
        return STORE_UNAVAILABLE;
    }
    PGresult *failed = NULL;
    enum store_outcome outcome = STORE_DONE;
    if (!run_pipeline(connection, items, count, &failed)) {
        outcome = STORE_UNAVAILABLE;
    } else if (failed != NULL) {
        outcome = refuse(connection, failed, failed_name(items, count), fault);
    }
    PQclear(failed);
    if (outcome != STORE_DONE) {
        free_rows(items, count);
    }
    return outcome;
}

enum store_outcome connection_command(struct connection *connection, const char *command)
{
    if (connection->libpq == NULL) {
        return STORE_UNAVAILABLE;
    }
    if (!PQsendQuery(connection->libpq, command)) {
        return give_up(connection, command);
    }
    PGresult *result = finish_command(connection, command);
    if (result == NULL) {
        return STORE_UNAVAILABLE;
    }
    enum store_outcome outcome = PQresultStatus(result) == PGRES_COMMAND_OK
                                     ? STORE_DONE
                                     : refuse(connection, result, command, NULL);
    connection->rolled_back = strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
    PQclear(result);
    return outcome;
}

/* The server's statement_timeout is switched off: it would end the wait for a standby, and keep a
 * commit that only this server has. Our own timeout closes the connection instead, and the outcome
 * is "not known". */
enum store_outcome connection_commit(struct connection *connection)
{
    connection->warned = false;
    enum store_outcome outcome =
        connection_command(connection, "set local statement_timeout = 0; commit");
    if (outcome == STORE_DONE && connection->rolled_back) {
        return STORE_REFUSED;
    }
    if (outcome == STORE_DONE && connection->warned) {
        log_event(LOG_LEVEL_ERROR, "commit_unconfirmed_by_standbys",
                  log_text("statement", "commit"));
        return STORE_UNAVAILABLE;
    }
    return outcome;
}
