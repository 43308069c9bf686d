/* A connection to PostgreSQL: opens it and runs statements on it, each with a deadline. It belongs
 * to one thread at a time. Outside store/ only the outcome and the fault are of use. */
#ifndef ETS144_STORE_CONNECTION_H
#define ETS144_STORE_CONNECTION_H

#include "store/hosts.h"
#include "store/rows.h"
#include "store/statement.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

enum store_outcome {
    STORE_DONE,
    STORE_REFUSED,    /* the database raised an error: see the fault; the session is usable */
    STORE_UNAVAILABLE /* no session, no answer in time, or the connection broke */
};

struct store_fault {
    char sqlstate[6];
    char *constraint; /* name of the broken rule, or NULL */
    char *message;
    char *detail;
};

/* Frees the texts; a fault of zeros is fine. */
void store_fault_clear(struct store_fault *fault);

/* The caller sets the first three members, once, before connection_open(). */
struct connection {
    int statement_timeout_ms;
    bool pooled; /* a pooler may give each transaction another server session: statements are not
                  * prepared, and no setting outlives a transaction */
    const atomic_bool *circuit_open; /* ends each wait at once; NULL: never open */
    PGconn *libpq;                   /* NULL: closed */
    int timeout_ms;                  /* of the next statement; statement_timeout_ms at first */
    bool *prepared;                  /* by statement index; NULL if pooled */
    bool warned;                     /* the server sent a warning since this was cleared */
    bool rolled_back;                /* by the last command */
};

/* False: the first line of libpq's message is in `error`. */
bool connection_open(struct connection *connection, struct hosts *hosts, char *error,
                     int error_size);
void connection_close(struct connection *connection);
/* Connected and in no transaction. */
bool connection_is_usable(const struct connection *connection);
/* Whether an idle connection is still open: the server may have closed it. Never blocks. */
bool connection_is_open(struct connection *connection);
bool connection_in_transaction(const struct connection *connection);

enum { MAX_STORE_ITEMS = 8 }; /* in one run */

/* A statement with its parameter values in order; NULL is SQL's null. */
struct store_item {
    const struct statement *statement;
    const char *const *values; /* borrowed */
    struct rows *rows;         /* set by the run; NULL unless it ended as STORE_DONE */
};

/* As session_run_all() in pool.h. */
enum store_outcome connection_run_all(struct connection *connection, struct store_item *items,
                                      int count, struct store_fault *fault);
/* Runs a command without parameters or rows, such as begin. */
enum store_outcome connection_command(struct connection *connection, const char *command);
/* STORE_REFUSED: the server rolled back. STORE_UNAVAILABLE: not known whether it committed, or
 * whether the synchronous standbys have it. */
enum store_outcome connection_commit(struct connection *connection);

#endif
