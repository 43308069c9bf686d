/* A pool of database connections.
 *
 * A request checks a session out, runs statements on it and checks it in again; every wait has a
 * deadline. The pool's own thread connects and reconnects: a request never waits for a connection
 * to be set up, and a checkout fails at once while no session is connected. */
#ifndef ETS144_STORE_POOL_H
#define ETS144_STORE_POOL_H

#include "store/connection.h"
#include "store/rows.h"
#include "store/statement.h"

#include <stdbool.h>

struct database_settings {
    const char *name; /* of the pool, in the log */
    const char *url;  /* libpq connection URL; it may name several hosts */
    int pool_size;
    int checkout_timeout_ms;
    int statement_timeout_ms;
    bool pooled; /* the URL leads to a pooler by transaction (connection.h) */
};

struct pool;
struct session;

/* Starts the pool's thread and does not wait for its first connection. */
struct pool *pool_open(const struct database_settings *settings);
void pool_close(struct pool *pool); /* NULL is fine */
/* Waits at most so many milliseconds for a connection. False: there is none, and `error` is the
 * last message of libpq, or empty. */
bool pool_wait(struct pool *pool, int milliseconds, char *error, int error_size);

/* The circuit breaker. While it is open, checkouts and running statements fail at once. The LISTEN
 * client (revisions.h) opens it when the database stops answering, and closes it again. */
void pool_set_circuit(struct pool *pool, bool circuit_open);

/* State and counters of a pool, for /metrics. */
struct pool_state {
    int size;    /* sessions wanted */
    int busy;    /* checked out */
    int idle;    /* connected and free */
    int waiting; /* checkouts that wait for a session */
    bool circuit_open;
    unsigned long long refused;    /* checkouts that got no session */
    unsigned long long statements; /* sent, begin and commit included; what goes in one round trip
                                    * counts as one */
    unsigned long long failed;     /* of these, without a usable answer */
    unsigned long long microseconds;
};
void pool_state(struct pool *pool, struct pool_state *state);

/* Whether a session is connected, free or in use, and the circuit is closed. Sessions that the
 * database has ended are noticed. Never waits. */
bool pool_can_serve(struct pool *pool);

/* NULL: no session in time. The caller gives it back with pool_checkin(). */
struct session *pool_checkout(struct pool *pool);
void pool_checkin(struct session *session); /* rolls back an open transaction; NULL is fine */

/* Until checkin, adds the microseconds that the session spends on statements to *spent_us. */
void session_count_time(struct session *session, long long *spent_us);

/* Runs a statement with its parameter values in order (statement_bind); NULL is SQL's null.
 * STORE_DONE: *rows is set, caller frees; otherwise *rows is NULL. STORE_REFUSED: *fault is set,
 * caller clears. */
enum store_outcome session_run(struct session *session, const struct statement *statement,
                               const char *const *values, struct rows **rows,
                               struct store_fault *fault);
/* Runs up to MAX_STORE_ITEMS statements in one round trip (libpq's pipeline mode); without an open
 * transaction they are one. Each has the statement timeout of its own. STORE_DONE: each item has
 * its rows, caller frees; otherwise none has. STORE_REFUSED: *fault is that of the first statement
 * refused.
 */
enum store_outcome session_run_all(struct session *session, struct store_item *items, int count,
                                   struct store_fault *fault);
/* session_run() without parameters, and with a timeout of its own. */
enum store_outcome session_run_within(struct session *session, const struct statement *statement,
                                      int timeout_ms, struct rows **rows,
                                      struct store_fault *fault);
enum store_outcome session_begin(struct session *session);
/* Sets the statement timeout of the open transaction, and of the session until checkin. */
enum store_outcome session_allow(struct session *session, int timeout_ms);
/* Begins a read-only transaction with one snapshot. */
enum store_outcome session_begin_snapshot(struct session *session);
/* STORE_REFUSED: nothing was written. STORE_UNAVAILABLE: not known whether it was. */
enum store_outcome session_commit(struct session *session);
enum store_outcome session_rollback(struct session *session);

#endif
