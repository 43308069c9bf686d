#include "store/token_uses.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "statements.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_USES = 1000,     /* tokens in memory; with more of them some are written more often */
    INTERVAL_MS = 60000, /* between two writes of one token */
    BATCH_MS = 1000,     /* in which names are collected */
    RETRY_MS = 10000     /* after the database did not answer */
};

struct use {
    char *name;           /* owned */
    long long next_write; /* clock_milliseconds: not before */
    bool pending;         /* noted and not written */
};

struct token_uses {
    struct pool *pool; /* borrowed */
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t noted;
    bool stopping;
    int pending;
    int count;
    struct use uses[MAX_USES];
};

static void forget_all(struct token_uses *uses)
{
    for (int i = 0; i < uses->count; i++) {
        free(uses->uses[i].name);
    }
    uses->count = 0;
    uses->pending = 0;
}

static struct use *find_use(struct token_uses *uses, const char *name)
{
    for (int i = 0; i < uses->count; i++) {
        if (strcmp(uses->uses[i].name, name) == 0) {
            return &uses->uses[i];
        }
    }
    if (uses->count == MAX_USES) {
        forget_all(uses);
    }
    struct use *use = &uses->uses[uses->count++];
    *use = (struct use){.name = memory_copy_text(name)};
    return use;
}

void token_uses_note(struct token_uses *uses, const char *name)
{
    (void)pthread_mutex_lock(&uses->lock);
    struct use *use = find_use(uses, name);
    if (!use->pending && clock_milliseconds() >= use->next_write) {
        use->pending = true;
        uses->pending++;
        (void)pthread_cond_signal(&uses->noted);
    }
    (void)pthread_mutex_unlock(&uses->lock);
}

/* The names to write, as JSON; caller frees. They count as written. */
static char *take_pending(struct token_uses *uses)
{
    json_t *names = json_array();
    for (int i = 0; i < uses->count; i++) {
        struct use *use = &uses->uses[i];
        if (use->pending) {
            json_array_append_new(names, json_string(use->name));
            use->pending = false;
            use->next_write = clock_milliseconds() + INTERVAL_MS;
        }
    }
    uses->pending = 0;
    char *text = json_dumps(names, JSON_COMPACT);
    json_decref(names);
    return text;
}

/* Notes the names again that could not be written. */
static void put_back(struct token_uses *uses, const char *text)
{
    json_t *names = json_loads(text, 0, NULL);
    size_t index = 0;
    const json_t *name = NULL;
    json_array_foreach(names, index, name) {
        struct use *use = find_use(uses, json_string_value(name));
        uses->pending += !use->pending;
        use->pending = true;
    }
    json_decref(names);
}

/* False: the database did not answer. What it refuses is not tried again. */
static bool write_names(struct pool *pool, const char *names)
{
    struct session *session = pool_checkout(pool);
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    enum store_outcome outcome =
        session != NULL ? session_run(session, &statement_tokens_used, &names, &rows, &fault)
                        : STORE_UNAVAILABLE;
    pool_checkin(session);
    rows_free(rows);
    store_fault_clear(&fault);
    return outcome != STORE_UNAVAILABLE;
}

/* Writes what is noted, without the lock meanwhile. */
static bool write_pending(struct token_uses *uses)
{
    char *names = take_pending(uses);
    (void)pthread_mutex_unlock(&uses->lock);
    bool written = write_names(uses->pool, names);
    (void)pthread_mutex_lock(&uses->lock);
    if (!written) {
        put_back(uses, names);
    }
    free(names);
    return written;
}

/* Waits so long, or until the end. */
static void wait_or_stop(struct token_uses *uses, int milliseconds)
{
    const struct timespec until = clock_after(milliseconds);
    while (!uses->stopping && pthread_cond_timedwait(&uses->noted, &uses->lock, &until) == 0) {
    }
}

static void *write_loop(void *argument)
{
    struct token_uses *uses = argument;
    (void)pthread_mutex_lock(&uses->lock);
    while (!uses->stopping) {
        if (uses->pending == 0) {
            (void)pthread_cond_wait(&uses->noted, &uses->lock);
            continue;
        }
        wait_or_stop(uses, BATCH_MS);
        if (!write_pending(uses)) {
            wait_or_stop(uses, RETRY_MS);
        }
    }
    if (uses->pending > 0) {
        (void)write_pending(uses);
    }
    (void)pthread_mutex_unlock(&uses->lock);
    return NULL;
}

struct token_uses *token_uses_open(struct pool *pool)
{
    struct token_uses *uses = memory_allocate(sizeof *uses);
    uses->pool = pool;
    (void)pthread_mutex_init(&uses->lock, NULL);
    clock_condition(&uses->noted);
    thread_start(&uses->thread, write_loop, uses);
    return uses;
}

void token_uses_close(struct token_uses *uses)
{
    if (uses == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&uses->lock);
    uses->stopping = true;
    (void)pthread_cond_signal(&uses->noted);
    (void)pthread_mutex_unlock(&uses->lock);
    (void)pthread_join(uses->thread, NULL);
    forget_all(uses);
    (void)pthread_cond_destroy(&uses->noted);
    (void)pthread_mutex_destroy(&uses->lock);
    free(uses);
}
