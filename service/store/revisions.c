#include "store/revisions.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "store/hosts.h"

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    HEARTBEAT_MS = 100,
    MIN_PAUSE_MS = 50, /* before reconnecting; doubled each time up to the next */
    MAX_PAUSE_MS = 500,
    MIN_HEARTBEAT_PAUSE_MS = 10, /* however many notifications come */
    /* A standby can show a revision that its primary does not show yet, while the primary waits for
     * the confirmation of a standby. */
    MAX_STANDBY_AHEAD_MS = 60 * 1000,
    REFUSED_WITHIN_MS = 1500 /* a connection attempt that failed faster was refused by a server */
};

/* The last confirmed revision and its time: they identify the history. */
struct checkpoint {
    long long revision; /* -1: none yet */
    char at[32];
};

/* The newest revision and its time, and the time of the checkpoint's revision. */
#define TIME_OF(revision)                                                                          \
    "(select extract(epoch from at) from register.revision_log where revision = " revision ")"
static const char heartbeat_query[] =
    "select number, " TIME_OF("number") ", " TIME_OF("%lld") " from register.revision";

struct revisions {
    struct hosts *hosts; /* used by the thread only, as the next three */
    struct checkpoint checkpoint;
    long long behind_since; /* clock_milliseconds; 0: the primary shows the newest revision */
    char last_error[200];   /* why it cannot connect; "": it can */
    struct pool *pool;
    int timeout_ms;
    pthread_t thread;
    int stop_fd; /* eventfd, written to once, by revisions_close() */
    atomic_bool closing;
    atomic_bool connected;
    atomic_bool must_exit;
    atomic_llong newest;
    atomic_llong confirmed; /* the newest revision that the primary has shown; at most `newest` */
    atomic_llong last_heartbeat;     /* clock_milliseconds */
    atomic_llong disconnected_since; /* clock_milliseconds; 0: it is connected */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* newest has grown, or it is connected again */
    int wake_fd;            /* guarded by the lock; -1: none */
};

long long revisions_current(const struct revisions *revisions)
{
    return atomic_load(&revisions->connected) ? atomic_load(&revisions->newest) : -1;
}

long long revisions_newest(const struct revisions *revisions)
{
    return atomic_load(&revisions->newest);
}

long long revisions_heartbeat_age_ms(const struct revisions *revisions)
{
    return clock_milliseconds() - atomic_load(&revisions->last_heartbeat);
}

long long revisions_disconnected_ms(const struct revisions *revisions)
{
    long long since = atomic_load(&revisions->disconnected_since);
    return since == 0 ? 0 : clock_milliseconds() - since;
}

bool revisions_must_exit(const struct revisions *revisions)
{
    return atomic_load(&revisions->must_exit);
}

static void broadcast(struct revisions *revisions)
{
    (void)pthread_mutex_lock(&revisions->lock);
    (void)pthread_cond_broadcast(&revisions->changed);
    if (revisions->wake_fd >= 0) {
        (void)eventfd_write(revisions->wake_fd, 1);
    }
    (void)pthread_mutex_unlock(&revisions->lock);
}

/* False: the value is as large already. */
static bool raise_to(atomic_llong *value, long long revision)
{
    long long known = atomic_load(value);
    while (revision > known && !atomic_compare_exchange_weak(value, &known, revision)) {
    }
    return revision > known;
}

void revisions_observe(struct revisions *revisions, long long revision)
{
    if (raise_to(&revisions->newest, revision)) {
        broadcast(revisions);
    }
}

void revisions_confirm(struct revisions *revisions, long long revision)
{
    (void)raise_to(&revisions->confirmed, revision);
    revisions_observe(revisions, revision);
}

long long revisions_wait(struct revisions *revisions, long long revision, int milliseconds)
{
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&revisions->lock);
    int waited = 0;
    while (waited == 0 && revisions_current(revisions) <= revision) {
        waited = pthread_cond_timedwait(&revisions->changed, &revisions->lock, &deadline);
    }
    (void)pthread_mutex_unlock(&revisions->lock);
    return revisions_current(revisions);
}

void revisions_watch(struct revisions *revisions, int descriptor)
{
    (void)pthread_mutex_lock(&revisions->lock);
    revisions->wake_fd = descriptor;
    (void)pthread_mutex_unlock(&revisions->lock);
}

/* Waits for the socket. False: nothing came in time, or it is being closed. */
static bool wait_for(struct revisions *revisions, PGconn *connection, int milliseconds)
{
    struct pollfd waited[] = {{.fd = PQsocket(connection), .events = POLLIN},
                              {.fd = revisions->stop_fd, .events = POLLIN}};
    return poll(waited, 2, milliseconds) > 0 && waited[1].revents == 0;
}

/* Takes the notifications that have come; false: there are none. Every role that may connect can
 * send them, with any text, so they only are a reason to ask the database. */
static bool take_notifications(PGconn *connection)
{
    bool taken = false;
    for (PGnotify *notify; (notify = PQnotifies(connection)) != NULL; PQfreemem(notify)) {
        taken = true;
    }
    return taken;
}

/* Runs one command within the timeout; caller clears. NULL: the connection is of no use any more.
 */
static PGresult *run(struct revisions *revisions, PGconn *connection, const char *command)
{
    if (!PQsendQuery(connection, command)) {
        return NULL;
    }
    PGresult *last = NULL;
    for (;;) {
        while (PQisBusy(connection)) {
            if (!wait_for(revisions, connection, revisions->timeout_ms)) {
                /* Silent, not broken: requests would each wait in vain. */
                pool_set_circuit(revisions->pool, !atomic_load(&revisions->closing));
                PQclear(last);
                return NULL;
            }
            if (!PQconsumeInput(connection)) {
                PQclear(last);
                return NULL;
            }
        }
        PGresult *result = PQgetResult(connection);
        if (result == NULL) {
            return last;
        }
        PQclear(last);
        last = result;
    }
}

/* Logs the reason once for each new message. */
static void log_failure(struct revisions *revisions, const PGconn *connection)
{
    char error[sizeof revisions->last_error];
    const char *message = PQerrorMessage(connection);
    (void)snprintf(error, sizeof error, "%.*s", (int)strcspn(message, "\n"),
                   message[0] != '\0' ? message : "no answer in time");
    if (!atomic_load(&revisions->closing) && strcmp(error, revisions->last_error) != 0) {
        log_event(LOG_LEVEL_ERROR, "listener_cannot_connect", log_text("error", error));
        memcpy(revisions->last_error, error, sizeof error);
    }
}

static bool listen_to(struct revisions *revisions, PGconn *connection, const char *command)
{
    PGresult *result = run(revisions, connection, command);
    bool listening = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return listening;
}

/* What was known before a heartbeat was sent. */
struct known {
    long long newest;
    long long confirmed;
};

/* Whether the primary has been behind a standby for longer than it can be. */
static bool is_behind_for_good(struct revisions *revisions, long long revision, long long newest)
{
    long long now = clock_milliseconds();
    if (revision >= newest) {
        revisions->behind_since = 0;
    } else if (revisions->behind_since == 0) {
        revisions->behind_since = now;
    }
    return revisions->behind_since != 0 && now - revisions->behind_since > MAX_STANDBY_AHEAD_MS;
}

static bool is_same_history(struct revisions *revisions, const PGresult *heartbeat,
                            const struct known *known)
{
    const struct checkpoint *checkpoint = &revisions->checkpoint;
    long long revision = strtoll(PQgetvalue(heartbeat, 0, 0), NULL, 10);
    return revision >= known->confirmed &&
           (checkpoint->revision < 0 || strcmp(PQgetvalue(heartbeat, 0, 2), checkpoint->at) == 0) &&
           !is_behind_for_good(revisions, revision, known->newest);
}

/* Sends the process SIGTERM, once. False: it has been sent before. */
static bool request_exit(struct revisions *revisions)
{
    bool first = !atomic_exchange(&revisions->must_exit, true);
    if (first) {
        (void)kill(getpid(), SIGTERM);
    }
    return first;
}

static void diverged(struct revisions *revisions, const PGresult *heartbeat, long long known)
{
    if (request_exit(revisions)) {
        log_event(LOG_LEVEL_ERROR, "database_history_diverged", log_number("known", known),
                  log_number("revision", strtoll(PQgetvalue(heartbeat, 0, 0), NULL, 10)));
    }
}

/* Says in the session which schema this build uses, so that nobody retires it. False: it has been
 * retired, or there was no answer. */
static bool use_schema(struct revisions *revisions, PGconn *connection)
{
    PGresult *result = run(revisions, connection, "select service.schema_use('" ETS144_SCHEMA "')");
    bool answered = PQresultStatus(result) == PGRES_TUPLES_OK;
    bool supported = answered && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    if (answered && !supported && request_exit(revisions)) {
        log_event(LOG_LEVEL_ERROR, "schema_retired", log_text("built_for", ETS144_SCHEMA));
    }
    return supported;
}

/* Queries the newest revision, and checks that the history is the same. */
static bool heartbeat(struct revisions *revisions, PGconn *connection)
{
    char query[sizeof heartbeat_query + 32];
    (void)snprintf(query, sizeof query, heartbeat_query, revisions->checkpoint.revision);
    const struct known known = {atomic_load(&revisions->newest),
                                atomic_load(&revisions->confirmed)};
    PGresult *result = run(revisions, connection, query);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    if (good && !is_same_history(revisions, result, &known)) {
        diverged(revisions, result, known.newest);
        good = false;
    }
    if (good) {
        long long revision = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        revisions->checkpoint.revision = revision;
        (void)snprintf(revisions->checkpoint.at, sizeof revisions->checkpoint.at, "%s",
                       PQgetvalue(result, 0, 1));
        revisions_confirm(revisions, revision);
        atomic_store(&revisions->last_heartbeat, clock_milliseconds());
    }
    PQclear(result);
    return good;
}

/* LISTEN comes before the first heartbeat, so that no revision is missed between them. */
static bool start_listening(struct revisions *revisions, PGconn *connection)
{
    return use_schema(revisions, connection) &&
           listen_to(revisions, connection, "listen ets144_revision") &&
           listen_to(revisions, connection, "listen ets144_webhook") &&
           heartbeat(revisions, connection);
}

/* Waits for a notification, at most until the next heartbeat is due. False: the connection broke.
 */
static bool await_news(struct revisions *revisions, PGconn *connection, bool *notified)
{
    *notified = take_notifications(connection);
    if (*notified || !wait_for(revisions, connection, HEARTBEAT_MS)) {
        return true;
    }
    bool alive = PQconsumeInput(connection) == 1;
    *notified = take_notifications(connection);
    return alive;
}

/* Waits, unless it is being closed. */
static void rest(const struct revisions *revisions, int milliseconds)
{
    struct pollfd stop = {.fd = revisions->stop_fd, .events = POLLIN};
    (void)poll(&stop, 1, milliseconds);
}

/* Asks the database after each notification, and ten times a second, until the connection breaks or
 * revisions_close() is called. */
static void listen_until_end(struct revisions *revisions, PGconn *connection)
{
    bool notified = false;
    while (await_news(revisions, connection, &notified) && !atomic_load(&revisions->closing) &&
           heartbeat(revisions, connection)) {
        if (notified) {
            broadcast(revisions); /* it may have been of a delivery */
            rest(revisions, MIN_HEARTBEAT_PAUSE_MS);
        }
    }
}

static void listen_on(struct revisions *revisions, PGconn *connection)
{
    if (!start_listening(revisions, connection)) {
        log_failure(revisions, connection);
        return;
    }
    revisions->last_error[0] = '\0';
    atomic_store(&revisions->disconnected_since, 0);
    atomic_store(&revisions->connected, true);
    broadcast(revisions);
    log_event(LOG_LEVEL_INFO, "listener_connected",
              log_number("revision", atomic_load(&revisions->newest)));
    listen_until_end(revisions, connection);
    atomic_store(&revisions->disconnected_since, clock_milliseconds());
    atomic_store(&revisions->connected, false);
    if (!atomic_load(&revisions->closing)) {
        log_event(LOG_LEVEL_WARNING, "listener_disconnected",
                  log_number("revision", atomic_load(&revisions->newest)));
    }
}

static void *listen_loop(void *argument)
{
    struct revisions *revisions = argument;
    int pause_ms = MIN_PAUSE_MS;
    while (!atomic_load(&revisions->closing)) {
        long long start = clock_milliseconds();
        PGconn *connection = hosts_connect(revisions->hosts, "ets144 listener", NULL);
        bool connected = PQstatus(connection) == CONNECTION_OK;
        if (connected || clock_milliseconds() - start < REFUSED_WITHIN_MS) {
            pool_set_circuit(revisions->pool, false);
        }
        if (connected) {
            listen_on(revisions, connection);
        } else {
            log_failure(revisions, connection);
        }
        PQfinish(connection);
        int longer_ms = pause_ms * 2 < MAX_PAUSE_MS ? pause_ms * 2 : MAX_PAUSE_MS;
        pause_ms = revisions->last_error[0] == '\0' ? MIN_PAUSE_MS : longer_ms;
        rest(revisions, pause_ms);
    }
    return NULL;
}

struct revisions *revisions_open(const char *url, struct pool *pool, int timeout_ms)
{
    struct revisions *revisions = memory_allocate(sizeof *revisions);
    revisions->hosts = hosts_open(url);
    revisions->pool = pool;
    revisions->timeout_ms = timeout_ms;
    atomic_store(&revisions->last_heartbeat, clock_milliseconds());
    revisions->checkpoint.revision = -1;
    atomic_store(&revisions->disconnected_since, clock_milliseconds());
    (void)pthread_mutex_init(&revisions->lock, NULL);
    clock_condition(&revisions->changed);
    revisions->wake_fd = -1;
    revisions->stop_fd = thread_wake();
    thread_start(&revisions->thread, listen_loop, revisions);
    return revisions;
}

void revisions_close(struct revisions *revisions)
{
    atomic_store(&revisions->closing, true);
    (void)eventfd_write(revisions->stop_fd, 1);
    (void)pthread_join(revisions->thread, NULL);
    (void)close(revisions->stop_fd);
    (void)pthread_cond_destroy(&revisions->changed);
    (void)pthread_mutex_destroy(&revisions->lock);
    hosts_close(revisions->hosts);
    free(revisions);
}
