#include "store/standby.h"

#include "base/clock.h"
#include "base/memory.h"
#include "statements.h"

#include <stdatomic.h>
#include <stdlib.h>

/* How long standbys are left alone after one did not answer, in milliseconds. */
enum { REST = 1000 };

struct standby {
    struct pool *pool;
    int timeout_ms;
    atomic_llong retry_after; /* by the clock's milliseconds */
};

struct standby *standby_open(const struct database_settings *settings, int timeout_ms)
{
    struct standby *standby = memory_allocate(sizeof *standby);
    struct database_settings own = *settings;
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

/* The newest revision that the session's database holds; -1: it did not say so in time. */
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

struct session *standby_checkout(struct standby *standby, long long revision)
{
    if (clock_milliseconds() < atomic_load(&standby->retry_after)) {
        return NULL;
    }
    struct session *session = pool_checkout(standby->pool);
    if (session == NULL) {
        return NULL;
    }
    long long held = revision_of(standby, session);
    if (held >= revision) {
        return session;
    }
    if (held < 0) {
        atomic_store(&standby->retry_after, clock_milliseconds() + REST);
    }
    pool_checkin(session);
    return NULL;
}
