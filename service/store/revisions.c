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

/* In milliseconds: how often a silent connection is asked for a sign of life, the pause before
 * connecting again (doubled each time), and how soon an attempt fails if there is anyone who
 * answers at all. */
enum { HEARTBEAT = 100, PAUSE_FIRST = 50, PAUSE_LAST = 500, ANSWERED = 1500 };

/* What a revision was, told by its time. */
struct checkpoint {
    long long revision; /* -1: none yet */
    char at[32];
};

/* The newest revision and its time, and the time of the checkpoint's. */
#define TIME_OF(revision)                                                                          \
    "(select extract(epoch from at) from register.revision_log where revision = " revision ")"
static const char question[] =
    "select number, " TIME_OF("number") ", " TIME_OF("%lld") " from register.revision";

struct revisions {
    struct hosts *hosts; /* the thread's */
    struct pool *pool;
    int timeout_ms; /* milliseconds for a sign of life */
    pthread_t thread;
    int wake; /* eventfd, written to once, at the end */
    atomic_bool closing;
    atomic_bool connected;
    atomic_llong newest;
    atomic_llong last_heartbeat;     /* clock_milliseconds */
    atomic_llong disconnected_since; /* by the clock's milliseconds; 0: it hears */
    atomic_bool must_exit;
    struct checkpoint checkpoint; /* the thread's: the last revision that the database confirmed */
    char last_error[200];         /* the thread's: why it does not on_notify; "": it does */
    pthread_mutex_t lock;
    pthread_cond_t news; /* newest has grown, or it hears again */
    int wake_fd;         /* eventfd of whoever is told, too; -1: nobody */
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
    (void)pthread_cond_broadcast(&revisions->news);
    if (revisions->wake_fd >= 0) {
        (void)eventfd_write(revisions->wake_fd, 1);
    }
    (void)pthread_mutex_unlock(&revisions->lock);
}

void revisions_observe(struct revisions *revisions, long long revision)
{
    long long known = atomic_load(&revisions->newest);
    while (revision > known &&
           !atomic_compare_exchange_weak(&revisions->newest, &known, revision)) {
    }
    if (revision > known) {
        broadcast(revisions);
    }
}

long long revisions_wait(struct revisions *revisions, long long revision, int milliseconds)
{
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&revisions->lock);
    int waited = 0;
    while (waited == 0 && revisions_current(revisions) <= revision) {
        waited = pthread_cond_timedwait(&revisions->news, &revisions->lock, &deadline);
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

/* Waits for the socket or the end; false: neither came in time, or it is the end. */
static bool wait_for(struct revisions *revisions, PGconn *connection, int milliseconds)
{
    struct pollfd waited[] = {{.fd = PQsocket(connection), .events = POLLIN},
                              {.fd = revisions->wake, .events = POLLIN}};
    return poll(waited, 2, milliseconds) > 0 && waited[1].revents == 0;
}

static void on_notify(struct revisions *revisions, PGconn *connection)
{
    for (PGnotify *heard; (heard = PQnotifies(connection)) != NULL; PQfreemem(heard)) {
        if (strcmp(heard->relname, "ets144_revision") == 0) {
            revisions_observe(revisions, strtoll(heard->extra, NULL, 10));
        } else {
            broadcast(revisions);
        }
    }
}

/* Asks one thing and reads its answer within the timeout_ms; caller clears. NULL: the connection is
 * no good. */
static PGresult *ask(struct revisions *revisions, PGconn *connection, const char *text)
{
    if (!PQsendQuery(connection, text)) {
        return NULL;
    }
    PGresult *answer = NULL;
    for (;;) {
        while (PQisBusy(connection)) {
            if (!wait_for(revisions, connection, revisions->timeout_ms)) {
                /* Not broken but silent: nobody needs to find that out anew. */
                pool_set_circuit(revisions->pool, !atomic_load(&revisions->closing));
                PQclear(answer);
                return NULL;
            }
            if (!PQconsumeInput(connection)) {
                PQclear(answer);
                return NULL;
            }
        }
        PGresult *result = PQgetResult(connection);
        if (result == NULL) {
            on_notify(revisions, connection);
            return answer;
        }
        PQclear(answer);
        answer = result;
    }
}

/* Says once why nothing is heard. */
static void complain(struct revisions *revisions, const PGconn *connection)
{
    char error[sizeof revisions->last_error];
    const char *said = PQerrorMessage(connection);
    (void)snprintf(error, sizeof error, "%.*s", (int)strcspn(said, "\n"),
                   said[0] != '\0' ? said : "no answer in time");
    if (!atomic_load(&revisions->closing) && strcmp(error, revisions->last_error) != 0) {
        log_event(LOG_LEVEL_ERROR, "listener_cannot_connect", log_text("error", error));
        memcpy(revisions->last_error, error, sizeof error);
    }
}

static bool listen_to(struct revisions *revisions, PGconn *connection, const char *command)
{
    PGresult *answer = ask(revisions, connection, command);
    bool listening = PQresultStatus(answer) == PGRES_COMMAND_OK;
    PQclear(answer);
    return listening;
}

/* Whether the answer belongs to the history that was known before the question was sent. */
static bool is_same_history(const struct revisions *revisions, const PGresult *answer,
                            long long known)
{
    const struct checkpoint *checkpoint = &revisions->checkpoint;
    return strtoll(PQgetvalue(answer, 0, 0), NULL, 10) >= known &&
           (checkpoint->revision < 0 || strcmp(PQgetvalue(answer, 0, 2), checkpoint->at) == 0);
}

/* Has the process end: it cannot go on with this database. False: that was said before. */
static bool request_exit(struct revisions *revisions)
{
    bool first = !atomic_exchange(&revisions->must_exit, true);
    if (first) {
        (void)kill(getpid(), SIGTERM);
    }
    return first;
}

static void diverged(struct revisions *revisions, const PGresult *answer, long long known)
{
    if (request_exit(revisions)) {
        log_event(LOG_LEVEL_ERROR, "database_history_diverged", log_number("known", known),
                  log_text("revision", PQgetvalue(answer, 0, 0)));
    }
}

/* Says which schema this build was made for, so that nobody takes it away meanwhile. */
static bool lock_schema(struct revisions *revisions, PGconn *connection)
{
    PGresult *answer =
        ask(revisions, connection, "select service.schema_lock_shared('" ETS144_SCHEMA "')");
    bool answered = PQresultStatus(answer) == PGRES_TUPLES_OK;
    bool serves = answered && strcmp(PQgetvalue(answer, 0, 0), "t") == 0;
    PQclear(answer);
    if (answered && !serves && request_exit(revisions)) {
        log_event(LOG_LEVEL_ERROR, "schema_retired", log_text("built_for", ETS144_SCHEMA));
    }
    return serves;
}

/* Asks for the newest revision, which is also the sign of life. */
static bool ask_revision(struct revisions *revisions, PGconn *connection)
{
    char text[sizeof question + 32];
    (void)snprintf(text, sizeof text, question, revisions->checkpoint.revision);
    long long known = atomic_load(&revisions->newest);
    PGresult *answer = ask(revisions, connection, text);
    bool good = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
    if (good && !is_same_history(revisions, answer, known)) {
        diverged(revisions, answer, known);
        good = false;
    }
    if (good) {
        long long revision = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
        revisions->checkpoint.revision = revision;
        (void)snprintf(revisions->checkpoint.at, sizeof revisions->checkpoint.at, "%s",
                       PQgetvalue(answer, 0, 1));
        revisions_observe(revisions, revision);
        atomic_store(&revisions->last_heartbeat, clock_milliseconds());
    }
    PQclear(answer);
    return good;
}

/* Listens until the connection breaks or the end. LISTEN comes before the question, so that no
 * revision falls between them. */
static void listen_on(struct revisions *revisions, PGconn *connection)
{
    if (!lock_schema(revisions, connection) ||
        !listen_to(revisions, connection, "listen ets144_revision") ||
        !listen_to(revisions, connection, "listen ets144_webhook") ||
        !ask_revision(revisions, connection)) {
        complain(revisions, connection);
        return;
    }
    revisions->last_error[0] = '\0';
    atomic_store(&revisions->disconnected_since, 0);
    atomic_store(&revisions->connected, true);
    broadcast(revisions);
    log_event(LOG_LEVEL_INFO, "listener_connected",
              log_number("revision", atomic_load(&revisions->newest)));
    while (!atomic_load(&revisions->closing)) {
        if (wait_for(revisions, connection, HEARTBEAT)) {
            if (!PQconsumeInput(connection)) {
                break;
            }
            on_notify(revisions, connection);
        } else if (!atomic_load(&revisions->closing) && !ask_revision(revisions, connection)) {
            break;
        }
    }
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
    int pause = PAUSE_FIRST;
    while (!atomic_load(&revisions->closing)) {
        long long begun = clock_milliseconds();
        PGconn *connection = hosts_connect(revisions->hosts, "ets144 listener", NULL);
        if (PQstatus(connection) == CONNECTION_OK || clock_milliseconds() - begun < ANSWERED) {
            pool_set_circuit(revisions->pool, false);
        }
        if (PQstatus(connection) == CONNECTION_OK) {
            listen_on(revisions, connection);
        } else {
            complain(revisions, connection);
        }
        PQfinish(connection);
        int longer = pause * 2 < PAUSE_LAST ? pause * 2 : PAUSE_LAST;
        pause = revisions->last_error[0] == '\0' ? PAUSE_FIRST : longer;
        struct pollfd end = {.fd = revisions->wake, .events = POLLIN};
        (void)poll(&end, 1, pause);
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
    clock_condition(&revisions->news);
    revisions->wake_fd = -1;
    revisions->wake = thread_wake();
    thread_start(&revisions->thread, listen_loop, revisions);
    return revisions;
}

void revisions_close(struct revisions *revisions)
{
    atomic_store(&revisions->closing, true);
    (void)eventfd_write(revisions->wake, 1);
    (void)pthread_join(revisions->thread, NULL);
    (void)close(revisions->wake);
    (void)pthread_cond_destroy(&revisions->news);
    (void)pthread_mutex_destroy(&revisions->lock);
    hosts_close(revisions->hosts);
    free(revisions);
}
