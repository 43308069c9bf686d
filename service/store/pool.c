#include "store/pool.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "statements.h"
#include "store/connection.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pauses between attempts to connect: doubled from the first to the last, in milliseconds. */
enum { PAUSE_FIRST = 20, PAUSE_LAST = 500 };

enum session_state { SESSION_CLOSED, SESSION_IDLE, SESSION_BUSY };

struct session {
    struct pool *pool;
    struct connection connection;
    enum session_state state;
    long long *spent; /* microseconds, of whoever checked it out; NULL: nobody counts */
    long long taken;  /* clock_microseconds, when it was checked out */
};

/* What pool_state tells of. */
struct counts {
    atomic_ullong refused;
    atomic_ullong statements;
    atomic_ullong failed;
    atomic_ullong microseconds;
};

struct pool {
    struct database_settings settings;
    struct hosts *hosts; /* the connecting thread's */
    pthread_mutex_t lock;
    pthread_cond_t session_free; /* a session became idle, or the last one was lost */
    pthread_cond_t session_lost; /* wakes the thread that connects */
    pthread_t connector;
    bool closing;
    atomic_bool circuit_open;  /* the database is known not to answer */
    int connected;             /* sessions that are connected, idle or busy */
    int waiting;               /* for a session */
    long long average_hold_us; /* microseconds that a session is out for, of late */
    struct counts counts;
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

/* Connects one session outside the lock. The session is this thread's while it is CLOSED. */
static bool connect_one(struct pool *pool, struct session *session)
{
    char error[sizeof pool->last_error];
    (void)pthread_mutex_unlock(&pool->lock);
    bool connected = connection_open(&session->connection, pool->hosts, &pool->settings, error,
                                     (int)sizeof error);
    session->connection.circuit_open = &pool->circuit_open;
    (void)pthread_mutex_lock(&pool->lock);
    if (!connected) {
        if (strcmp(error, pool->last_error) != 0) {
            log_event(LOG_LEVEL_ERROR, "database_connect_failed", log_text("error", error));
        }
        (void)snprintf(pool->last_error, sizeof pool->last_error, "%s", error);
        return false;
    }
    if (pool->connected == 0) {
        log_event(LOG_LEVEL_INFO, "database_connected",
                  log_number("pool", pool->settings.pool_size));
    }
    pool->last_error[0] = '\0';
    session->state = SESSION_IDLE;
    pool->connected++;
    (void)pthread_cond_broadcast(&pool->session_free);
    return true;
}

/* The pool's own thread: keeps every session connected. */
static void *connect_loop(void *argument)
{
    struct pool *pool = argument;
    int pause = PAUSE_FIRST;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->closing) {
        struct session *session = session_in_state(pool, SESSION_CLOSED);
        if (session == NULL) {
            (void)pthread_cond_wait(&pool->session_lost, &pool->lock);
        } else if (connect_one(pool, session)) {
            pause = PAUSE_FIRST;
        } else {
            struct timespec deadline = clock_after(pause);
            (void)pthread_cond_timedwait(&pool->session_lost, &pool->lock, &deadline);
            pause = pause * 2 < PAUSE_LAST ? pause * 2 : PAUSE_LAST;
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
    bool stands = pool->connected > 0;
    (void)snprintf(error, (size_t)error_size, "%s", stands ? "" : pool->last_error);
    (void)pthread_mutex_unlock(&pool->lock);
    return stands;
}

/* Gives up a session that has no connection any more. */
static void lose_session(struct pool *pool, struct session *session)
{
    session->state = SESSION_CLOSED;
    pool->connected--;
    (void)pthread_cond_broadcast(&pool->session_free);
    (void)pthread_cond_signal(&pool->session_lost);
}

/* Connections to who does not answer are no good, even if someone else does later. */
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
                  log_number("connected", pool->connected));
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

/* An idle session whose connection still stands; NULL: there is none. */
static struct session *idle_session(struct pool *pool)
{
    struct session *session = NULL;
    while ((session = session_in_state(pool, SESSION_IDLE)) != NULL &&
           !connection_is_quiet(&session->connection)) {
        connection_close(&session->connection);
        lose_session(pool, session);
    }
    return session;
}

/* The microseconds of session time that are to be had within the time to check out. */
static long long budget(const struct pool *pool)
{
    enum { MICRO_PER_MILLI = 1000 };
    return (long long)pool->settings.checkout_timeout_ms * MICRO_PER_MILLI *
           pool->settings.pool_size;
}

/* How long a session was out for weighs an eighth against what was before. */
static void update_average_hold(struct pool *pool, long long microseconds)
{
    enum { WEIGHT = 8 };
    long long most = budget(pool);
    pool->average_hold_us +=
        ((microseconds < most ? microseconds : most) - pool->average_hold_us) / WEIGHT;
}

/* How long a session is to be expected_wait out, in microseconds: as long as is average_hold_us,
 * and what has been out for longer as long again. */
static long long expected_wait(const struct pool *pool)
{
    long long now = clock_microseconds();
    long long longest = pool->average_hold_us;
    for (int i = 0; i < pool->settings.pool_size; i++) {
        const struct session *session = &pool->sessions[i];
        if (session->state == SESSION_BUSY && now - session->taken > longest) {
            longest = now - session->taken;
        }
    }
    return longest;
}

/* Whether who comes now would get a session in time, behind all who wait already. */
static bool would_be_served(const struct pool *pool)
{
    return expected_wait(pool) * (pool->waiting + 1) <= budget(pool);
}

struct session *pool_checkout(struct pool *pool)
{
    struct timespec deadline = clock_after(pool->settings.checkout_timeout_ms);
    (void)pthread_mutex_lock(&pool->lock);
    struct session *session = idle_session(pool);
    int waited = 0;
    bool queue = would_be_served(pool);
    pool->waiting++;
    while (queue && session == NULL && pool->connected > 0 && waited == 0 &&
           !atomic_load(&pool->circuit_open)) {
        waited = pthread_cond_timedwait(&pool->session_free, &pool->lock, &deadline);
        session = idle_session(pool);
    }
    pool->waiting--;
    if (waited != 0 && session == NULL) {
        /* None came back meanwhile: that tells as much as one that did. */
        update_average_hold(pool, budget(pool));
    }
    if (atomic_load(&pool->circuit_open)) {
        session = NULL;
    }
    if (session != NULL) {
        session->state = SESSION_BUSY;
        session->taken = clock_microseconds();
    } else {
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
    session->connection.timeout = pool->settings.statement_timeout_ms;
    session->spent = NULL;
    bool stands = connection_is_usable(&session->connection);
    if (!stands) {
        connection_close(&session->connection);
    }
    (void)pthread_mutex_lock(&pool->lock);
    update_average_hold(pool, clock_microseconds() - session->taken);
    if (stands) {
        session->state = SESSION_IDLE;
        (void)pthread_cond_signal(&pool->session_free);
    } else {
        lose_session(pool, session);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

void session_count_time(struct session *session, long long *spent)
{
    session->spent = spent;
}

/* Counts a question that was asked at `start`; answers its outcome. */
static enum store_outcome counted(struct session *session, long long start,
                                  enum store_outcome outcome)
{
    struct counts *counts = &session->pool->counts;
    long long spent = clock_microseconds() - start;
    if (session->spent != NULL) {
        *session->spent += spent;
    }
    atomic_fetch_add(&counts->statements, 1);
    atomic_fetch_add(&counts->microseconds, (unsigned long long)spent);
    if (outcome == STORE_UNAVAILABLE) {
        atomic_fetch_add(&counts->failed, 1);
    }
    return outcome;
}

enum store_outcome session_run(struct session *session, const struct statement *statement,
                               const char *const *values, struct rows **rows,
                               struct store_fault *fault)
{
    long long start = clock_microseconds();
    return counted(session, start,
                   connection_run(&session->connection, statement, values, rows, fault));
}

static enum store_outcome command(struct session *session, const char *text)
{
    long long start = clock_microseconds();
    return counted(session, start, connection_command(&session->connection, text));
}

enum store_outcome session_run_within(struct session *session, const struct statement *statement,
                                      int milliseconds, struct rows **rows,
                                      struct store_fault *fault)
{
    int average_hold_us = session->connection.timeout;
    session->connection.timeout = milliseconds;
    enum store_outcome outcome = session_run(session, statement, NULL, rows, fault);
    session->connection.timeout = average_hold_us;
    return outcome;
}

enum store_outcome session_begin(struct session *session)
{
    if (!session->pool->settings.pooled) {
        return command(session, "begin");
    }
    char text[64];
    (void)snprintf(text, sizeof text, "begin; set local statement_timeout = %d",
                   session->connection.timeout);
    return command(session, text);
}

enum store_outcome session_allow(struct session *session, int milliseconds)
{
    char text[64];
    (void)snprintf(text, sizeof text, "set local statement_timeout = %d", milliseconds);
    session->connection.timeout = milliseconds;
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

void store_fault_clear(struct store_fault *fault)
{
    free(fault->constraint);
    free(fault->message);
    free(fault->detail);
    memset(fault, 0, sizeof *fault);
}
