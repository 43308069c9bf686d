#include "store/standby.h"

#include "base/clock.h"
#include "base/memory.h"
#include "statements.h"

#include <stdatomic.h>
#include <stdlib.h>

/* The pause after a standby that did not answer. */
enum { RETRY_AFTER_MS = 1000 };

struct standby {
    struct pool *pool;
    int timeout_ms;
    atomic_llong retry_after; /* clock_milliseconds */
};

struct standby *standby_open(const struct database_settings *settings, int timeout_ms)
{
    struct standby *standby = memory_allocate(sizeof *standby);
    struct database_settings own = *settings;
    own.name = "standby";
    own.checkout_timeout_ms = timeout_ms;
    standby->pool = pool_open(&own);
    standby->timeout_ms = timeout_ms;
    return standby;
}

void standby_close(struct standby *standby)
{
    if (standby != NULL) {
        pool_close(standby->pool);
        free(standby);
    }
}

/* The newest revision on the standby; -1: no answer in time. */
static long long revision_of(const struct standby *standby, struct session *session)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run_within(session, &statement_revision, standby->timeout_ms, &rows, &fault) !=
        STORE_DONE) {
        store_fault_clear(&fault);
        return -1;
    }
    const char *number = rows_named(rows, 0, "revision");
    long long revision = number != NULL ? strtoll(number, NULL, 10) : -1;
    rows_free(rows);
    return revision;
}

/* A session whose standby has the revision. */
static struct session *session_with(struct standby *standby, long long revision)
{
    struct session *session = pool_checkout(standby->pool);
    if (session == NULL) {
        return NULL;
    }
    long long newest = revision_of(standby, session);
    if (newest >= revision) {
        return session;
    }
    if (newest < 0) {
        atomic_store(&standby->retry_after, clock_milliseconds() + RETRY_AFTER_MS);
    }
    pool_checkin(session);
    return NULL;
}

struct session *standby_checkout(struct standby *standby, long long revision, long long *spent_us)
{
    if (clock_milliseconds() < atomic_load(&standby->retry_after)) {
        return NULL;
    }
    long long start = clock_microseconds();
    struct session *session = session_with(standby, revision);
    *spent_us += clock_microseconds() - start;
    if (session != NULL) {
        session_count_time(session, spent_us);
    }
    return session;
}

void standby_state(struct standby *standby, struct pool_state *state)
{
    pool_state(standby->pool, state);
}
