#include "store/reader.h"

#include "clock.h"
#include "memory.h"
#include "statements.h"

#include <stdatomic.h>
#include <stdlib.h>

/* How long standbys are left alone after one did not answer, in milliseconds. */
enum { REST = 1000 };

struct reader {
    struct store *store;
    int patience;
    atomic_llong rests_until; /* by the clock's milliseconds */
};

struct reader *reader_open(const struct store_settings *settings, int patience)
{
    struct reader *reader = memory_allocate(sizeof *reader);
    struct store_settings own = *settings;
    own.checkout_timeout = patience;
    reader->store = store_open(&own);
    reader->patience = patience;
    return reader;
}

void reader_close(struct reader *reader)
{
    if (reader != NULL) {
        store_close(reader->store);
        free(reader);
    }
}

/* The newest revision that the session's database holds; -1: it did not say so in time. */
static long long revision_of(const struct reader *reader, struct session *session)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run_within(session, &statement_revision, reader->patience, &rows, &fault) !=
        STORE_DONE) {
        store_fault_clear(&fault);
        return -1;
    }
    const char *number = rows_named(rows, 0, "revision");
    long long revision = number != NULL ? strtoll(number, NULL, 10) : -1;
    rows_free(rows);
    return revision;
}

struct session *reader_checkout(struct reader *reader, long long revision)
{
    if (clock_milliseconds() < atomic_load(&reader->rests_until)) {
        return NULL;
    }
    struct session *session = store_checkout(reader->store);
    if (session == NULL) {
        return NULL;
    }
    long long held = revision_of(reader, session);
    if (held >= revision) {
        return session;
    }
    if (held < 0) {
        atomic_store(&reader->rests_until, clock_milliseconds() + REST);
    }
    store_checkin(session);
    return NULL;
}
