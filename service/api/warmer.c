#include "api/warmer.h"

#include "api/query/database_read.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "context.h"
#include "http/handle/process.h"
#include "statements.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How often the thread looks whether it is to stop. */
enum { WAIT_MS = 100 };

/* The time without a newer revision before the warmer renders: requests of clients go first, and
 * during a burst of writes each rendering would be outdated at once. */
enum { DEBOUNCE_MS = 50 };

struct warmer {
    const struct application *application;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t warmed_once;
    bool begun; /* the common responses were rendered once */
};

/* The lists that nearly all dashboards request, beside each State; then the other lists. */
static const char *const common[] = {"/v1/states", "/v1/convention", "/v1/statistics", NULL};
static const char *const others[] = {"/v1/actions", "/v1/anomalies",  "/v1/calls",
                                     "/v1/outlook", "/v1/vocabulary", NULL};

/* The codings that are rendered, besides every language. */
static const char *const codings[] = {"gzip", "br"};

/* The exchange of a request of the warmer's own, without a socket; the caller ends it. */
static struct exchange exchange_of(const struct warmer *warmer, const char *path)
{
    return (struct exchange){.arena = arena_open(),
                             .context = warmer->application->context,
                             .request_id = "warmer",
                             .method = "GET",
                             .address = path,
                             .path = path,
                             .query = "",
                             .canonical_query = ""};
}

static void request(const struct warmer *warmer, const char *path, enum language language)
{
    for (size_t coding = 0; coding < sizeof codings / sizeof codings[0]; coding++) {
        struct exchange exchange = exchange_of(warmer, path);
        exchange_add_header(&exchange, "Accept-Language", language_tag(language));
        exchange_add_header(&exchange, "Accept-Encoding", codings[coding]);
        process_request(&exchange, warmer->application);
        exchange_end(&exchange);
    }
}

static bool is_over(const struct warmer *warmer, long long revision)
{
    const struct context *context = warmer->application->context;
    return atomic_load(&warmer->stopping) || revisions_current(context->revisions) != revision;
}

/* Renders each State of the list, in every language. */
static void warm_states(const struct warmer *warmer, long long revision)
{
    struct exchange exchange = exchange_of(warmer, "");
    struct rows *states = read_rows(&exchange, &statement_states);
    for (int i = 0; states != NULL && i < rows_count(states) && !is_over(warmer, revision); i++) {
        const char *path =
            arena_print(exchange.arena, "/v1/states/%s", rows_named(states, i, "code"));
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            request(warmer, path, (enum language)language);
        }
    }
    rows_free(states);
    exchange_end(&exchange);
}

static void warm_all(const struct warmer *warmer, const char *const *paths, long long revision)
{
    for (int i = 0; paths[i] != NULL && !is_over(warmer, revision); i++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            request(warmer, paths[i], (enum language)language);
        }
    }
}

static void signal_started(struct warmer *warmer)
{
    (void)pthread_mutex_lock(&warmer->lock);
    warmer->begun = true;
    (void)pthread_cond_broadcast(&warmer->warmed_once);
    (void)pthread_mutex_unlock(&warmer->lock);
}

/* Renders all at this revision. False: there is a newer revision meanwhile, or it is not known. */
static bool warm(struct warmer *warmer, long long revision)
{
    warm_all(warmer, common, revision);
    warm_states(warmer, revision);
    signal_started(warmer);
    warm_all(warmer, others, revision);
    log_event(LOG_LEVEL_DEBUG, "cache_warmed", log_number("revision", revision));
    return !is_over(warmer, revision);
}

void warmer_wait(struct warmer *warmer, int milliseconds)
{
    if (warmer == NULL) {
        return;
    }
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&warmer->lock);
    int late = 0;
    while (!warmer->begun && late == 0) {
        late = pthread_cond_timedwait(&warmer->warmed_once, &warmer->lock, &deadline);
    }
    (void)pthread_mutex_unlock(&warmer->lock);
}

static void *warm_loop(void *argument)
{
    struct warmer *warmer = argument;
    const struct context *context = warmer->application->context;
    long long warmed = -1;
    long long day = -1;
    while (!atomic_load(&warmer->stopping)) {
        long long newest = revisions_wait(context->revisions, warmed, WAIT_MS);
        if (newest > warmed && warmed >= 0 &&
            revisions_wait(context->revisions, newest, DEBOUNCE_MS) != newest) {
            continue;
        }
        long long today = clock_utc_day();
        if ((newest > warmed || (newest >= 0 && today != day)) && warm(warmer, newest)) {
            warmed = newest;
            day = today;
        }
    }
    return NULL;
}

struct warmer *warmer_start(const struct application *application)
{
    struct warmer *warmer = memory_allocate(sizeof *warmer);
    warmer->application = application;
    (void)pthread_mutex_init(&warmer->lock, NULL);
    clock_condition(&warmer->warmed_once);
    thread_start(&warmer->thread, warm_loop, warmer);
    return warmer;
}

void warmer_stop(struct warmer *warmer)
{
    if (warmer == NULL) {
        return;
    }
    atomic_store(&warmer->stopping, true);
    (void)pthread_join(warmer->thread, NULL);
    (void)pthread_cond_destroy(&warmer->warmed_once);
    (void)pthread_mutex_destroy(&warmer->lock);
    free(warmer);
}
