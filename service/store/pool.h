/* The pool: a pool of database connections, and statements run on one of them.
 *
 * A request checks a session out, runs statements, and gives it back. Every wait has a deadline.
 * Connections are made and mended by the pool's own thread: no request ever waits for a
 * connection to be set up, and while none stands a check-out fails at once. */
#ifndef ETS144_STORE_POOL_H
#define ETS144_STORE_POOL_H

#include "store/rows.h"
#include "store/statement.h"

#include <stdbool.h>

enum store_outcome {
    STORE_DONE,
    STORE_REFUSED,    /* the database said no: the fault says why, the session is fine */
    STORE_UNAVAILABLE /* no session, no answer in time, or the connection broke */
};

struct store_fault {
    char sqlstate[6];
    char *constraint; /* the broken rule's name, or NULL */
    char *message;
    char *detail;
};

struct database_settings {
    const char *url; /* libpq connection URL; it may name several hosts */
    int pool_size;
    int checkout_timeout_ms;  /* milliseconds */
    int statement_timeout_ms; /* milliseconds */
    bool pooled;              /* the URL may lead to another server session for each transaction */
};

struct pool;
struct session;

/* Opens the pool and starts its thread; the first connections may still be on their way. */
struct pool *pool_open(const struct database_settings *settings);
void pool_close(struct pool *pool);
/* Waits until a connection stands, for at most so many milliseconds; the last error if none. */
bool pool_wait(struct pool *pool, int milliseconds, char *error, int error_size);

/* While the database is known not to answer, no request waits for it: check-outs fail at once, and
 * so do the statements that are under way. The listener knows, and says when it is over. */
void pool_set_circuit(struct pool *pool, bool circuit_open);

/* How the pool is, and what it did since it was opened. */
struct pool_state {
    int size;    /* sessions there are to be */
    int busy;    /* checked out */
    int idle;    /* connected, and free */
    int waiting; /* requests that wait for one */
    bool circuit_open;
    unsigned long long refused;    /* check-outs that got none */
    unsigned long long statements; /* asked of the database, begin and commit included */
    unsigned long long failed;     /* those of them that it did not answer, or could not serve */
    unsigned long long microseconds;
};
void pool_state(struct pool *pool, struct pool_state *state);

/* NULL: none could be had in time. Give it back with pool_checkin. */
struct session *pool_checkout(struct pool *pool);
void pool_checkin(struct session *session); /* rolls back what is still open; NULL is fine */

/* Until it is checked in, adds the microseconds that the session waits for the database to *spent.
 */
void session_count_time(struct session *session, long long *spent);

/* Runs a statement with its parameters' values in order (NULL is SQL's null).
 * STORE_DONE: *rows is set, caller frees. STORE_REFUSED: *fault is set, caller clears. */
enum store_outcome session_run(struct session *session, const struct statement *statement,
                               const char *const *values, struct rows **rows,
                               struct store_fault *fault);
/* The same for a statement without parameters that has so many milliseconds only. */
enum store_outcome session_run_within(struct session *session, const struct statement *statement,
                                      int milliseconds, struct rows **rows,
                                      struct store_fault *fault);
enum store_outcome session_begin(struct session *session);
/* Lets each statement of the open transaction take so many milliseconds, until the session is given
 * back. */
enum store_outcome session_allow(struct session *session, int milliseconds);
/* A transaction that sees the database as it was when it began, and writes nothing. */
enum store_outcome session_begin_snapshot(struct session *session);
/* STORE_REFUSED: nothing was written. STORE_UNAVAILABLE: nobody knows. */
enum store_outcome session_commit(struct session *session);
enum store_outcome session_rollback(struct session *session);

void store_fault_clear(struct store_fault *fault);

#endif
