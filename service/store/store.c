#include "store/store.h"

#include "clock.h"
#include "log.h"
#include "memory.h"
#include "statements.h"
#include "store/connection.h"
#include "thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pauses between attempts to connect: doubled from the first to the last, in milliseconds. */
enum { PAUSE_FIRST = 20, PAUSE_LAST = 500 };

enum session_state { SESSION_CLOSED, SESSION_IDLE, SESSION_BUSY };

struct session {
    struct store *store;
    struct connection connection;
    enum session_state state;
    long long *spent; /* microseconds, of whoever checked it out; NULL: nobody counts */
    long long taken;  /* clock_microseconds, when it was checked out */
};

/* What store_state tells of. */
struct counts {
    atomic_ullong refused;
    atomic_ullong statements;
    atomic_ullong failed;
    atomic_ullong microseconds;
};

struct store {
    struct store_settings settings;
    struct hosts *hosts; /* the connecting thread's */
    pthread_mutex_t lock;
    pthread_cond_t session_free; /* a session became idle, or the last one was lost */
    pthread_cond_t session_lost; /* wakes the thread that connects */
    pthread_t connector;
    bool closing;
    atomic_bool halted; /* the database is known not to answer */
    int standing;       /* sessions that are connected, idle or busy */
    int waiting;        /* for a session */
    long long usual;    /* microseconds that a session is out for, of late */
    struct counts counts;
    char last_error[256];
    struct session sessions[];
};

static struct session *session_in_state(struct store *store, enum session_state state)
{
    for (int i = 0; i < store->settings.pool_size; i++) {
        if (store->sessions[i].state == state) {
            return &store->sessions[i];
        }
    }
    return NULL;
}

/* Connects one session outside the lock. The session is this thread's while it is CLOSED. */
static bool connect_one(struct store *store, struct session *session)
{
    char error[sizeof store->last_error];
    (void)pthread_mutex_unlock(&store->lock);
    bool connected = connection_open(&session->connection, store->hosts, &store->settings, error,
                                     (int)sizeof error);
    session->connection.halted = &store->halted;
    (void)pthread_mutex_lock(&store->lock);
    if (!connected) {
        if (strcmp(error, store->last_error) != 0) {
            log_event(LOG_LEVEL_ERROR, "the database cannot be reached", log_text("error", error));
        }
        (void)snprintf(store->last_error, sizeof store->last_error, "%s", error);
        return false;
    }
    if (store->standing == 0) {
        log_event(LOG_LEVEL_INFO, "the database is reachable",
                  log_number("pool", store->settings.pool_size));
    }
    store->last_error[0] = '\0';
    session->state = SESSION_IDLE;
    store->standing++;
    (void)pthread_cond_broadcast(&store->session_free);
    return true;
}

/* The store's own thread: keeps every session connected. */
static void *keep_connected(void *argument)
{
    struct store *store = argument;
    int pause = PAUSE_FIRST;
    (void)pthread_mutex_lock(&store->lock);
    while (!store->closing) {
        struct session *session = session_in_state(store, SESSION_CLOSED);
        if (session == NULL) {
            (void)pthread_cond_wait(&store->session_lost, &store->lock);
        } else if (connect_one(store, session)) {
            pause = PAUSE_FIRST;
        } else {
            struct timespec deadline = clock_after(pause);
            (void)pthread_cond_timedwait(&store->session_lost, &store->lock, &deadline);
            pause = pause * 2 < PAUSE_LAST ? pause * 2 : PAUSE_LAST;
        }
    }
    (void)pthread_mutex_unlock(&store->lock);
    return NULL;
}

struct store *store_open(const struct store_settings *settings)
{
    size_t size = sizeof(struct store) + (size_t)settings->pool_size * sizeof(struct session);
    struct store *store = memory_allocate(size);
    store->settings = *settings;
    store->hosts = hosts_open(settings->url);
    for (int i = 0; i < settings->pool_size; i++) {
        store->sessions[i].store = store;
    }
    (void)pthread_mutex_init(&store->lock, NULL);
    clock_condition(&store->session_free);
    clock_condition(&store->session_lost);
    thread_start(&store->connector, keep_connected, store);
    return store;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&store->lock);
    store->closing = true;
    (void)pthread_cond_signal(&store->session_lost);
    (void)pthread_mutex_unlock(&store->lock);
    (void)pthread_join(store->connector, NULL);
    for (int i = 0; i < store->settings.pool_size; i++) {
        connection_close(&store->sessions[i].connection);
    }
    (void)pthread_cond_destroy(&store->session_free);
    (void)pthread_cond_destroy(&store->session_lost);
    (void)pthread_mutex_destroy(&store->lock);
    hosts_close(store->hosts);
    free(store);
}

bool store_wait(struct store *store, int milliseconds, char *error, int error_size)
{
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&store->lock);
    int waited = 0;
    while (store->standing == 0 && waited == 0) {
        waited = pthread_cond_timedwait(&store->session_free, &store->lock, &deadline);
    }
    bool stands = store->standing > 0;
    (void)snprintf(error, (size_t)error_size, "%s", stands ? "" : store->last_error);
    (void)pthread_mutex_unlock(&store->lock);
    return stands;
}

/* Gives up a session that has no connection any more. */
static void lose_session(struct store *store, struct session *session)
{
    session->state = SESSION_CLOSED;
    store->standing--;
    (void)pthread_cond_broadcast(&store->session_free);
    (void)pthread_cond_signal(&store->session_lost);
}

/* Connections to who does not answer are no good, even if someone else does later. */
static void lose_idle_sessions(struct store *store)
{
    struct session *session = NULL;
    while ((session = session_in_state(store, SESSION_IDLE)) != NULL) {
        connection_close(&session->connection);
        lose_session(store, session);
    }
}

void store_halt(struct store *store, bool halted)
{
    (void)pthread_mutex_lock(&store->lock);
    if (atomic_exchange(&store->halted, halted) != halted) {
        log_event(halted ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
                  halted ? "the database does not answer" : "the database answers again",
                  log_number("standing", store->standing));
        if (halted) {
            lose_idle_sessions(store);
        }
    }
    (void)pthread_cond_broadcast(&store->session_free);
    (void)pthread_mutex_unlock(&store->lock);
}

void store_state(struct store *store, struct store_state *state)
{
    *state = (struct store_state){.size = store->settings.pool_size,
                                  .halted = atomic_load(&store->halted),
                                  .refused = atomic_load(&store->counts.refused),
                                  .statements = atomic_load(&store->counts.statements),
                                  .failed = atomic_load(&store->counts.failed),
                                  .microseconds = atomic_load(&store->counts.microseconds)};
    (void)pthread_mutex_lock(&store->lock);
    state->waiting = store->waiting;
    for (int i = 0; i < store->settings.pool_size; i++) {
        state->busy += store->sessions[i].state == SESSION_BUSY;
        state->idle += store->sessions[i].state == SESSION_IDLE;
    }
    (void)pthread_mutex_unlock(&store->lock);
}

/* An idle session whose connection still stands; NULL: there is none. */
static struct session *idle_session(struct store *store)
{
    struct session *session = NULL;
    while ((session = session_in_state(store, SESSION_IDLE)) != NULL &&
           !connection_is_quiet(&session->connection)) {
        connection_close(&session->connection);
        lose_session(store, session);
    }
    return session;
}

/* The microseconds of session time that are to be had within the time to check out. */
static long long capacity(const struct store *store)
{
    enum { MICRO_PER_MILLI = 1000 };
    return (long long)store->settings.checkout_timeout * MICRO_PER_MILLI *
           store->settings.pool_size;
}

/* How long a session was out for weighs an eighth against what was before. */
static void learn_usual(struct store *store, long long microseconds)
{
    enum { WEIGHT = 8 };
    long long most = capacity(store);
    store->usual += ((microseconds < most ? microseconds : most) - store->usual) / WEIGHT;
}

/* How long a session is to be expected out, in microseconds: as long as is usual, and what has been
 * out for longer as long again. */
static long long expected(const struct store *store)
{
    long long now = clock_microseconds();
    long long longest = store->usual;
    for (int i = 0; i < store->settings.pool_size; i++) {
        const struct session *session = &store->sessions[i];
        if (session->state == SESSION_BUSY && now - session->taken > longest) {
            longest = now - session->taken;
        }
    }
    return longest;
}

/* Whether who comes now would get a session in time, behind all who wait already. */
static bool queue_is_short(const struct store *store)
{
    return expected(store) * (store->waiting + 1) <= capacity(store);
}

struct session *store_checkout(struct store *store)
{
    struct timespec deadline = clock_after(store->settings.checkout_timeout);
    (void)pthread_mutex_lock(&store->lock);
    struct session *session = idle_session(store);
    int waited = 0;
    bool queue = queue_is_short(store);
    store->waiting++;
    while (queue && session == NULL && store->standing > 0 && waited == 0 &&
           !atomic_load(&store->halted)) {
        waited = pthread_cond_timedwait(&store->session_free, &store->lock, &deadline);
        session = idle_session(store);
    }
    store->waiting--;
    if (waited != 0 && session == NULL) {
        /* None came back meanwhile: that tells as much as one that did. */
        learn_usual(store, capacity(store));
    }
    if (atomic_load(&store->halted)) {
        session = NULL;
    }
    if (session != NULL) {
        session->state = SESSION_BUSY;
        session->taken = clock_microseconds();
    } else {
        atomic_fetch_add(&store->counts.refused, 1);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return session;
}

void store_checkin(struct session *session)
{
    if (session == NULL) {
        return;
    }
    struct store *store = session->store;
    if (connection_in_transaction(&session->connection)) {
        (void)session_rollback(session);
    }
    session->connection.timeout = store->settings.statement_timeout;
    session->spent = NULL;
    bool stands = connection_stands(&session->connection);
    if (!stands) {
        connection_close(&session->connection);
    }
    (void)pthread_mutex_lock(&store->lock);
    learn_usual(store, clock_microseconds() - session->taken);
    if (stands) {
        session->state = SESSION_IDLE;
        (void)pthread_cond_signal(&store->session_free);
    } else {
        lose_session(store, session);
    }
    (void)pthread_mutex_unlock(&store->lock);
}

void session_count_time(struct session *session, long long *spent)
{
    session->spent = spent;
}

/* Counts a question that was asked at `start`; answers its outcome. */
static enum store_outcome counted(struct session *session, long long start,
                                  enum store_outcome outcome)
{
    struct counts *counts = &session->store->counts;
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
    int usual = session->connection.timeout;
    session->connection.timeout = milliseconds;
    enum store_outcome outcome = session_run(session, statement, NULL, rows, fault);
    session->connection.timeout = usual;
    return outcome;
}

enum store_outcome session_begin(struct session *session)
{
    if (!session->store->settings.pooled) {
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
