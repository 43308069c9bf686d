#include "store/listener.h"

#include "clock.h"
#include "log.h"
#include "memory.h"
#include "store/hosts.h"
#include "thread.h"

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
struct landmark {
    long long revision; /* -1: none yet */
    char at[32];
};

/* The newest revision and its time, and the time of the landmark's. */
#define TIME_OF(revision)                                                                          \
    "(select extract(epoch from at) from register.revision_log where revision = " revision ")"
static const char question[] =
    "select number, " TIME_OF("number") ", " TIME_OF("%lld") " from register.revision";

struct listener {
    struct hosts *hosts; /* the thread's */
    struct store *store;
    int patience; /* milliseconds for a sign of life */
    pthread_t thread;
    int wake; /* eventfd, written to once, at the end */
    atomic_bool closing;
    atomic_bool connected;
    atomic_llong newest;
    atomic_llong told_at;    /* clock_milliseconds */
    atomic_llong deaf_since; /* by the clock's milliseconds; 0: it hears */
    atomic_bool unfit;
    struct landmark landmark; /* the thread's: the last revision that the database confirmed */
    char complaint[200];      /* the thread's: why it does not hear; "": it does */
    pthread_mutex_t lock;
    pthread_cond_t news; /* newest has grown, or it hears again */
    int watcher;         /* eventfd of whoever is told, too; -1: nobody */
};

long long listener_revision(const struct listener *listener)
{
    return atomic_load(&listener->connected) ? atomic_load(&listener->newest) : -1;
}

long long listener_newest(const struct listener *listener)
{
    return atomic_load(&listener->newest);
}

long long listener_silence(const struct listener *listener)
{
    return clock_milliseconds() - atomic_load(&listener->told_at);
}

long long listener_deaf_for(const struct listener *listener)
{
    long long since = atomic_load(&listener->deaf_since);
    return since == 0 ? 0 : clock_milliseconds() - since;
}

bool listener_is_unfit(const struct listener *listener)
{
    return atomic_load(&listener->unfit);
}

static void tell(struct listener *listener)
{
    (void)pthread_mutex_lock(&listener->lock);
    (void)pthread_cond_broadcast(&listener->news);
    if (listener->watcher >= 0) {
        (void)eventfd_write(listener->watcher, 1);
    }
    (void)pthread_mutex_unlock(&listener->lock);
}

void listener_saw(struct listener *listener, long long revision)
{
    long long known = atomic_load(&listener->newest);
    while (revision > known && !atomic_compare_exchange_weak(&listener->newest, &known, revision)) {
    }
    if (revision > known) {
        tell(listener);
    }
}

long long listener_wait(struct listener *listener, long long revision, int milliseconds)
{
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&listener->lock);
    int waited = 0;
    while (waited == 0 && listener_revision(listener) <= revision) {
        waited = pthread_cond_timedwait(&listener->news, &listener->lock, &deadline);
    }
    (void)pthread_mutex_unlock(&listener->lock);
    return listener_revision(listener);
}

void listener_watch(struct listener *listener, int descriptor)
{
    (void)pthread_mutex_lock(&listener->lock);
    listener->watcher = descriptor;
    (void)pthread_mutex_unlock(&listener->lock);
}

/* Waits for the socket or the end; false: neither came in time, or it is the end. */
static bool wait_for(struct listener *listener, PGconn *connection, int milliseconds)
{
    struct pollfd waited[] = {{.fd = PQsocket(connection), .events = POLLIN},
                              {.fd = listener->wake, .events = POLLIN}};
    return poll(waited, 2, milliseconds) > 0 && waited[1].revents == 0;
}

static void hear(struct listener *listener, PGconn *connection)
{
    for (PGnotify *heard; (heard = PQnotifies(connection)) != NULL; PQfreemem(heard)) {
        if (strcmp(heard->relname, "ets144_revision") == 0) {
            listener_saw(listener, strtoll(heard->extra, NULL, 10));
        } else {
            tell(listener);
        }
    }
}

/* Asks one thing and reads its answer within the patience; caller clears. NULL: the connection is
 * no good. */
static PGresult *ask(struct listener *listener, PGconn *connection, const char *text)
{
    if (!PQsendQuery(connection, text)) {
        return NULL;
    }
    PGresult *answer = NULL;
    for (;;) {
        while (PQisBusy(connection)) {
            if (!wait_for(listener, connection, listener->patience)) {
                /* Not broken but silent: nobody needs to find that out anew. */
                store_halt(listener->store, !atomic_load(&listener->closing));
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
            hear(listener, connection);
            return answer;
        }
        PQclear(answer);
        answer = result;
    }
}

/* Says once why nothing is heard. */
static void complain(struct listener *listener, const PGconn *connection)
{
    char error[sizeof listener->complaint];
    const char *said = PQerrorMessage(connection);
    (void)snprintf(error, sizeof error, "%.*s", (int)strcspn(said, "\n"),
                   said[0] != '\0' ? said : "no answer in time");
    if (!atomic_load(&listener->closing) && strcmp(error, listener->complaint) != 0) {
        log_event(LOG_LEVEL_ERROR, "revisions cannot be heard", log_text("error", error));
        memcpy(listener->complaint, error, sizeof error);
    }
}

static bool listen_to(struct listener *listener, PGconn *connection, const char *command)
{
    PGresult *answer = ask(listener, connection, command);
    bool listening = PQresultStatus(answer) == PGRES_COMMAND_OK;
    PQclear(answer);
    return listening;
}

/* Whether the answer belongs to the history that was known before the question was sent. */
static bool is_same_history(const struct listener *listener, const PGresult *answer,
                            long long known)
{
    const struct landmark *landmark = &listener->landmark;
    return strtoll(PQgetvalue(answer, 0, 0), NULL, 10) >= known &&
           (landmark->revision < 0 || strcmp(PQgetvalue(answer, 0, 2), landmark->at) == 0);
}

/* Has the process end: it cannot go on with this database. False: that was said before. */
static bool become_unfit(struct listener *listener)
{
    bool first = !atomic_exchange(&listener->unfit, true);
    if (first) {
        (void)kill(getpid(), SIGTERM);
    }
    return first;
}

static void lose_history(struct listener *listener, const PGresult *answer, long long known)
{
    if (become_unfit(listener)) {
        log_event(LOG_LEVEL_ERROR, "the database has another history than was answered from",
                  log_number("known", known), log_text("revision", PQgetvalue(answer, 0, 0)));
    }
}

/* Says which schema this build was made for, so that nobody takes it away meanwhile. */
static bool hold_schema(struct listener *listener, PGconn *connection)
{
    PGresult *answer =
        ask(listener, connection, "select service.schema_lock_shared('" ETS144_SCHEMA "')");
    bool answered = PQresultStatus(answer) == PGRES_TUPLES_OK;
    bool serves = answered && strcmp(PQgetvalue(answer, 0, 0), "t") == 0;
    PQclear(answer);
    if (answered && !serves && become_unfit(listener)) {
        log_event(LOG_LEVEL_ERROR, "the database does not serve this build any more",
                  log_text("built_for", ETS144_SCHEMA));
    }
    return serves;
}

/* Asks for the newest revision, which is also the sign of life. */
static bool ask_revision(struct listener *listener, PGconn *connection)
{
    char text[sizeof question + 32];
    (void)snprintf(text, sizeof text, question, listener->landmark.revision);
    long long known = atomic_load(&listener->newest);
    PGresult *answer = ask(listener, connection, text);
    bool good = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
    if (good && !is_same_history(listener, answer, known)) {
        lose_history(listener, answer, known);
        good = false;
    }
    if (good) {
        long long revision = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
        listener->landmark.revision = revision;
        (void)snprintf(listener->landmark.at, sizeof listener->landmark.at, "%s",
                       PQgetvalue(answer, 0, 1));
        listener_saw(listener, revision);
        atomic_store(&listener->told_at, clock_milliseconds());
    }
    PQclear(answer);
    return good;
}

/* Listens until the connection breaks or the end. LISTEN comes before the question, so that no
 * revision falls between them. */
static void listen_on(struct listener *listener, PGconn *connection)
{
    if (!hold_schema(listener, connection) ||
        !listen_to(listener, connection, "listen ets144_revision") ||
        !listen_to(listener, connection, "listen ets144_webhook") ||
        !ask_revision(listener, connection)) {
        complain(listener, connection);
        return;
    }
    listener->complaint[0] = '\0';
    atomic_store(&listener->deaf_since, 0);
    atomic_store(&listener->connected, true);
    tell(listener);
    log_event(LOG_LEVEL_INFO, "listening for revisions",
              log_number("revision", atomic_load(&listener->newest)));
    while (!atomic_load(&listener->closing)) {
        if (wait_for(listener, connection, HEARTBEAT)) {
            if (!PQconsumeInput(connection)) {
                break;
            }
            hear(listener, connection);
        } else if (!atomic_load(&listener->closing) && !ask_revision(listener, connection)) {
            break;
        }
    }
    atomic_store(&listener->deaf_since, clock_milliseconds());
    atomic_store(&listener->connected, false);
    if (!atomic_load(&listener->closing)) {
        log_event(LOG_LEVEL_WARNING, "cut off from revisions",
                  log_number("revision", atomic_load(&listener->newest)));
    }
}

static void *keep_listening(void *argument)
{
    struct listener *listener = argument;
    int pause = PAUSE_FIRST;
    while (!atomic_load(&listener->closing)) {
        long long begun = clock_milliseconds();
        PGconn *connection = hosts_connect(listener->hosts, "ets144 listener", NULL);
        if (PQstatus(connection) == CONNECTION_OK || clock_milliseconds() - begun < ANSWERED) {
            store_halt(listener->store, false);
        }
        if (PQstatus(connection) == CONNECTION_OK) {
            listen_on(listener, connection);
        } else {
            complain(listener, connection);
        }
        PQfinish(connection);
        int longer = pause * 2 < PAUSE_LAST ? pause * 2 : PAUSE_LAST;
        pause = listener->complaint[0] == '\0' ? PAUSE_FIRST : longer;
        struct pollfd end = {.fd = listener->wake, .events = POLLIN};
        (void)poll(&end, 1, pause);
    }
    return NULL;
}

struct listener *listener_open(const char *url, struct store *store, int patience)
{
    struct listener *listener = memory_allocate(sizeof *listener);
    listener->hosts = hosts_open(url);
    listener->store = store;
    listener->patience = patience;
    atomic_store(&listener->told_at, clock_milliseconds());
    listener->landmark.revision = -1;
    atomic_store(&listener->deaf_since, clock_milliseconds());
    (void)pthread_mutex_init(&listener->lock, NULL);
    clock_condition(&listener->news);
    listener->watcher = -1;
    listener->wake = thread_wake();
    thread_start(&listener->thread, keep_listening, listener);
    return listener;
}

void listener_close(struct listener *listener)
{
    atomic_store(&listener->closing, true);
    (void)eventfd_write(listener->wake, 1);
    (void)pthread_join(listener->thread, NULL);
    (void)close(listener->wake);
    (void)pthread_cond_destroy(&listener->news);
    (void)pthread_mutex_destroy(&listener->lock);
    hosts_close(listener->hosts);
    free(listener);
}
