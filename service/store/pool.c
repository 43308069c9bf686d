#include "store/pool.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "store/hosts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pause after a failed connection attempt: doubled from the first value up to the last. */
enum { MIN_PAUSE_MS = 20, MAX_PAUSE_MS = 500 };

enum session_state { SESSION_CLOSED, SESSION_IDLE, SESSION_BUSY };

struct session {
    struct pool *pool;
    struct connection connection;
    enum session_state state;
    long long *spent_us;      /* borrowed from the borrower; NULL: not counted */
    long long checked_out_at; /* clock_microseconds */
};

struct counts {
    atomic_ullong refused;
    atomic_ullong statements;
    atomic_ullong failed;
    atomic_ullong microseconds;
};

struct pool {
    struct database_settings settings;
    struct hosts *hosts; /* used by the connecting thread only */
    pthread_t connector;
    atomic_bool circuit_open;
    struct counts counts;
    pthread_mutex_t lock;        /* guards all that follows, and the state of each session */
    pthread_cond_t session_free; /* a session became idle, was lost, or the circuit changed */
    pthread_cond_t session_lost; /* wakes the connecting thread */
    bool closing;
    int connected;             /* sessions, idle or busy */
    int waiting;               /* checkouts */
    long long average_hold_us; /* moving average of the time between checkout and checkin */
    char last_error[256];
    struct session sessions[];
};

static struct session *session_in_state(struct pool *pool, enum session_state state)
{
    for (int i = 0; i < pool->settings.pool_size; i++) {
        if (pool->sessions[i].state == state) {
            return &pool->sessions[i];
        }
    }
    return NULL;
}

/* Connects a closed session, without the lock: no other thread touches it while it is CLOSED. */
static bool connect_one(struct pool *pool, struct session *session)
{
    char error[sizeof pool->last_error];
    (void)pthread_mutex_unlock(&pool->lock);
    bool connected = connection_open(&session->connection, pool->hosts, error, (int)sizeof error);
    (void)pthread_mutex_lock(&pool->lock);
    if (!connected) {
        if (strcmp(error, pool->last_error) != 0) {
            log_event(LOG_LEVEL_ERROR, "database_connect_failed",
                      log_text("pool", pool->settings.name), log_text("error", error));
        }
        (void)snprintf(pool->last_error, sizeof pool->last_error, "%s", error);
        return false;
    }
    if (pool->connected == 0) {
        log_event(LOG_LEVEL_INFO, "database_connected", log_text("pool", pool->settings.name));
    }
    pool->last_error[0] = '\0';
    session->state = SESSION_IDLE;
    pool->connected++;
    (void)pthread_cond_broadcast(&pool->session_free);
    return true;
}

static void *connect_loop(void *argument)
{
    struct pool *pool = argument;
    int pause_ms = MIN_PAUSE_MS;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        struct session *session = session_in_state(pool, SESSION_CLOSED);
        if (session == NULL) {
            (void)pthread_cond_wait(&pool->session_lost, &pool->lock);
        } else if (connect_one(pool, session)) {
            pause_ms = MIN_PAUSE_MS;
        } else {
            struct timespec deadline = clock_after(pause_ms);
            (void)pthread_cond_timedwait(&pool->session_lost, &pool->lock, &deadline);
            pause_ms = pause_ms * 2 < MAX_PAUSE_MS ? pause_ms * 2 : MAX_PAUSE_MS;
        }
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct pool *pool_open(const struct database_settings *settings)
{
    size_t size = sizeof(struct pool) + (size_t)settings->pool_size * sizeof(struct session);
    struct pool *pool = memory_allocate(size);
    pool->settings = *settings;
    pool->hosts = hosts_open(settings->url);
    for (int i = 0; i < settings->pool_size; i++) {
        pool->sessions[i].pool = pool;
        pool->sessions[i].connection =
            (struct connection){.statement_timeout_ms = settings->statement_timeout_ms,
                                .pooled = settings->pooled,
                                .circuit_open = &pool->circuit_open};
    }
    (void)pthread_mutex_init(&pool->lock, NULL);
    clock_condition(&pool->session_free);
    clock_condition(&pool->session_lost);
    thread_start(&pool->connector, connect_loop, pool);
    return pool;
}

void pool_close(struct pool *pool)
{
    if (pool == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    (void)pthread_cond_signal(&pool->session_lost);
    (void)pthread_mutex_unlock(&pool->lock);
    (void)pthread_join(pool->connector, NULL);
    for (int i = 0; i < pool->settings.pool_size; i++) {
        connection_close(&pool->sessions[i].connection);
    }
    (void)pthread_cond_destroy(&pool->session_free);
    (void)pthread_cond_destroy(&pool->session_lost);
    (void)pthread_mutex_destroy(&pool->lock);
    hosts_close(pool->hosts);
    free(pool);
}

bool pool_wait(struct pool *pool, int milliseconds, char *error, int error_size)
{
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&pool->lock);
    int waited = 0;
    while (pool->connected == 0 && waited == 0) {
        waited = pthread_cond_timedwait(&pool->session_free, &pool->lock, &deadline);
    }
    bool connected = pool->connected > 0;
    (void)snprintf(error, (size_t)error_size, "%s", connected ? "" : pool->last_error);
    (void)pthread_mutex_unlock(&pool->lock);
    return connected;
}

/* Hands a session whose connection has been closed to the connecting thread. */
static void lose_session(struct pool *pool, struct session *session)
{
    session->state = SESSION_CLOSED;
    pool->connected--;
    (void)pthread_cond_broadcast(&pool->session_free);
    (void)pthread_cond_signal(&pool->session_lost);
}

/* Closes the idle connections to a server that does not answer: after a failover the host may be
 * another. */
static void lose_idle_sessions(struct pool *pool)
{
    struct session *session = NULL;
    while ((session = session_in_state(pool, SESSION_IDLE)) != NULL) {
        connection_close(&session->connection);
        lose_session(pool, session);
    }
}

void pool_set_circuit(struct pool *pool, bool circuit_open)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (atomic_exchange(&pool->circuit_open, circuit_open) != circuit_open) {
        log_event(circuit_open ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
                  circuit_open ? "circuit_opened" : "circuit_closed",
                  log_text("pool", pool->settings.name), log_number("connected", pool->connected));
        if (circuit_open) {
            lose_idle_sessions(pool);
        }
    }
    (void)pthread_cond_broadcast(&pool->session_free);
    (void)pthread_mutex_unlock(&pool->lock);
}

void pool_state(struct pool *pool, struct pool_state *state)
{
    *state = (struct pool_state){.size = pool->settings.pool_size,
                                 .circuit_open = atomic_load(&pool->circuit_open),
                                 .refused = atomic_load(&pool->counts.refused),
                                 .statements = atomic_load(&pool->counts.statements),
                                 .failed = atomic_load(&pool->counts.failed),
                                 .microseconds = atomic_load(&pool->counts.microseconds)};
    (void)pthread_mutex_lock(&pool->lock);
    state->waiting = pool->waiting;
    for (int i = 0; i < pool->settings.pool_size; i++) {
        state->busy += pool->sessions[i].state == SESSION_BUSY;
        state->idle += pool->sessions[i].state == SESSION_IDLE;
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

/* An idle session with an open connection, or NULL. */
static struct session *idle_session(struct pool *pool)
{
    struct session *session = NULL;
    while ((session = session_in_state(pool, SESSION_IDLE)) != NULL &&
           !connection_is_open(&session->connection)) {
        connection_close(&session->connection);
        lose_session(pool, session);
    }
    return session;
}

/* Session time that the pool can give within the checkout timeout. */
static long long budget_us(const struct pool *pool)
{
    return (long long)pool->settings.checkout_timeout_ms * MICROSECONDS_PER_MILLISECOND *
           pool->settings.pool_size;
}

/* An exponential moving average: each new value weighs an eighth. */
static void update_average_hold(struct pool *pool, long long hold_us)
{
    enum { WEIGHT = 8 };
    long long limit = budget_us(pool);
    pool->average_hold_us += ((hold_us < limit ? hold_us : limit) - pool->average_hold_us) / WEIGHT;
}

/* Expected time until a session is returned: the average hold time, or, if a session has been held
 * for longer than that, as long as it has been held so far. */
static long long expected_wait_us(const struct pool *pool)
{
    long long now = clock_microseconds();
    long long longest = pool->average_hold_us;
    for (int i = 0; i < pool->settings.pool_size; i++) {
        const struct session *session = &pool->sessions[i];
        if (session->state == SESSION_BUSY && now - session->checked_out_at > longest) {
            longest = now - session->checked_out_at;
        }
    }
    return longest;
}

/* Whether a checkout would get a session in time behind those that already wait. */
static bool would_be_served(const struct pool *pool)
{
    return expected_wait_us(pool) * (pool->waiting + 1) <= budget_us(pool);
}

/* Waits for an idle session until the deadline; NULL: it passed, or waiting is of no use. */
static struct session *wait_for_session(struct pool *pool, const struct timespec *deadline)
{
    struct session *session = NULL;
    int waited = 0;
    pool->waiting++;
    while (session == NULL && pool->connected > 0 && waited == 0 &&
           !atomic_load(&pool->circuit_open)) {
        waited = pthread_cond_timedwait(&pool->session_free, &pool->lock, deadline);
        session = idle_session(pool);
    }
    pool->waiting--;
    if (waited != 0 && session == NULL) {
        /* No session was returned in that time, which is a measurement, too. */
        update_average_hold(pool, budget_us(pool));
    }
    return session;
}

bool pool_can_serve(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool can = !atomic_load(&pool->circuit_open) &&
               (idle_session(pool) != NULL || session_in_state(pool, SESSION_BUSY) != NULL);
    (void)pthread_mutex_unlock(&pool->lock);
    return can;
}

struct session *pool_checkout(struct pool *pool)
{
    struct timespec deadline = clock_after(pool->settings.checkout_timeout_ms);
    (void)pthread_mutex_lock(&pool->lock);
    struct session *session = idle_session(pool);
    if (session == NULL && would_be_served(pool)) {
        session = wait_for_session(pool, &deadline);
    }
    if (session != NULL && !atomic_load(&pool->circuit_open)) {
        session->state = SESSION_BUSY;
        session->checked_out_at = clock_microseconds();
    } else {
        session = NULL;
        atomic_fetch_add(&pool->counts.refused, 1);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return session;
}

void pool_checkin(struct session *session)
{
    if (session == NULL) {
        return;
    }
    struct pool *pool = session->pool;
    if (connection_in_transaction(&session->connection)) {
        (void)session_rollback(session);
    }
    session->connection.timeout_ms = pool->settings.statement_timeout_ms;
    session->spent_us = NULL;
    bool usable = connection_is_usable(&session->connection);
    if (!usable) {
        connection_close(&session->connection);
    }
    (void)pthread_mutex_lock(&pool->lock);
    update_average_hold(pool, clock_microseconds() - session->checked_out_at);
    if (usable) {
        session->state = SESSION_IDLE;
        (void)pthread_cond_signal(&pool->session_free);
    } else {
        lose_session(pool, session);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

void session_count_time(struct session *session, long long *spent_us)
{
    session->spent_us = spent_us;
}

/* Counts a statement that was sent at `start` (clock_microseconds); returns its outcome. */
static enum store_outcome counted(struct session *session, long long start,
                                  enum store_outcome outcome)
{
    struct counts *counts = &session->pool->counts;
    long long spent_us = clock_microseconds() - start;
    if (session->spent_us != NULL) {
        *session->spent_us += spent_us;
    }
    atomic_fetch_add(&counts->statements, 1);
    atomic_fetch_add(&counts->microseconds, (unsigned long long)spent_us);
    if (outcome == STORE_UNAVAILABLE) {
        atomic_fetch_add(&counts->failed, 1);
    }
    return outcome;
}

enum store_outcome session_run_all(struct session *session, struct store_item *items, int count,
                                   struct store_fault *fault)
{
    long long start = clock_microseconds();
    return counted(session, start, connection_run_all(&session->connection, items, count, fault));
}

enum store_outcome session_run(struct session *session, const struct statement *statement,
                               const char *const *values, struct rows **rows,
                               struct store_fault *fault)
{
    struct store_item item = {.statement = statement, .values = values};
    enum store_outcome outcome = session_run_all(session, &item, 1, fault);
    *rows = item.rows;
    return outcome;
}

static enum store_outcome command(struct session *session, const char *text)
{
    long long start = clock_microseconds();
    return counted(session, start, connection_command(&session->connection, text));
}

enum store_outcome session_run_within(struct session *session, const struct statement *statement,
                                      int timeout_ms, struct rows **rows, struct store_fault *fault)
{
    int before_ms = session->connection.timeout_ms;
    session->connection.timeout_ms = timeout_ms;
    enum store_outcome outcome = session_run(session, statement, NULL, rows, fault);
    session->connection.timeout_ms = before_ms;
    return outcome;
}

enum store_outcome session_begin(struct session *session)
{
    if (!session->pool->settings.pooled) {
        return command(session, "begin");
    }
    char text[64];
    (void)snprintf(text, sizeof text, "begin; set local statement_timeout = %d",
                   session->connection.timeout_ms);
    return command(session, text);
}

enum store_outcome session_allow(struct session *session, int timeout_ms)
{
    char text[64];
    (void)snprintf(text, sizeof text, "set local statement_timeout = %d", timeout_ms);
    session->connection.timeout_ms = timeout_ms;
    return command(session, text);
}

enum store_outcome session_begin_snapshot(struct session *session)
{
    return command(session, "begin isolation level repeatable read, read only");
}

enum store_outcome session_commit(struct session *session)
{
    long long start = clock_microseconds();
    return counted(session, start, connection_commit(&session->connection));
}

enum store_outcome session_rollback(struct session *session)
{
    return command(session, "rollback");
}
