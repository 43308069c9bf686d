#include "api/warming.h"

#include "api/shared.h"
#include "api/states.h"
#include "clock.h"
#include "http/answer.h"
#include "http/keeping.h"
#include "log.h"
#include "thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <ulfius.h>

/* How long the thread waits for news before it looks whether it is to stop, in milliseconds. */
enum { LOOK = 100 };

/* How long after a revision no newer one is to come before all is rendered anew, in milliseconds:
 * who asks for it meanwhile is first, and while many are written one after the other it would only
 * be in the way. */
enum { SETTLING = 50 };

struct warming {
    const struct application *application;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t common_kept;
    bool begun; /* the common answers were rendered once */
};

/* What nearly all dashboards ask for, beside each State; and what others do. */
static const char *const common[] = {"/v1/states", "/v1/convention", "/v1/statistics", NULL};
static const char *const others[] = {"/v1/actions", "/v1/anomalies",  "/v1/calls",
                                     "/v1/outlook", "/v1/vocabulary", NULL};

/* Each in every language, and in every form of the bytes. */
static const char *const codings[] = {"gzip", "br"};

/* An exchange without a socket; the caller ends it. */
static struct exchange exchange_about(const struct warming *warming, const char *path,
                                      const struct _u_map *headers)
{
    return (struct exchange){.arena = arena_open(),
                             .application = warming->application->shared,
                             .request_id = "warming",
                             .method = "GET",
                             .address = path,
                             .path = path,
                             .query = "",
                             .question = "",
                             .request_headers = headers};
}

static void ask(const struct warming *warming, const char *path, enum language language,
                const struct states_at_hand *states)
{
    for (size_t coding = 0; coding < sizeof codings / sizeof codings[0]; coding++) {
        struct _u_map headers;
        (void)u_map_init(&headers);
        (void)u_map_put(&headers, "Accept-Language", language_tag(language));
        (void)u_map_put(&headers, "Accept-Encoding", codings[coding]);
        struct exchange exchange = exchange_about(warming, path, &headers);
        exchange.states = states;
        answer(&exchange, warming->application, 0);
        exchange_end(&exchange);
        (void)u_map_clean(&headers);
    }
}

static bool is_over(const struct warming *warming, long long revision)
{
    const struct shared *shared = warming->application->shared;
    return atomic_load(&warming->stopping) || listener_revision(shared->listener) != revision;
}

/* All States that the list has, from one question. */
static void warm_states(const struct warming *warming, enum language language, long long revision)
{
    struct _u_map headers;
    (void)u_map_init(&headers);
    struct exchange exchange = exchange_about(warming, "", &headers);
    struct states_at_hand *states = states_take(&exchange, language);
    const char *code = NULL;
    for (int place = 0; states != NULL && !is_over(warming, revision) &&
                        (code = states_code(states, place)) != NULL;
         place++) {
        ask(warming, arena_print(exchange.arena, "/v1/states/%s", code), language, states);
    }
    states_drop(states);
    exchange_end(&exchange);
    (void)u_map_clean(&headers);
}

static void warm_all(const struct warming *warming, const char *const *paths, long long revision)
{
    for (int i = 0; paths[i] != NULL && !is_over(warming, revision); i++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            ask(warming, paths[i], (enum language)language, NULL);
        }
    }
}

static void tell_begun(struct warming *warming)
{
    (void)pthread_mutex_lock(&warming->lock);
    warming->begun = true;
    (void)pthread_cond_broadcast(&warming->common_kept);
    (void)pthread_mutex_unlock(&warming->lock);
}

/* Renders everything at this revision; false: a newer one made it vain, or nobody knows. */
static bool warm(struct warming *warming, long long revision)
{
    warm_all(warming, common, revision);
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        warm_states(warming, (enum language)language, revision);
    }
    tell_begun(warming);
    warm_all(warming, others, revision);
    log_event(LOG_LEVEL_DEBUG, "warm", log_number("revision", revision));
    return !is_over(warming, revision);
}

void warming_wait(struct warming *warming, int milliseconds)
{
    if (warming == NULL) {
        return;
    }
    struct timespec deadline = clock_after(milliseconds);
    (void)pthread_mutex_lock(&warming->lock);
    int late = 0;
    while (!warming->begun && late == 0) {
        late = pthread_cond_timedwait(&warming->common_kept, &warming->lock, &deadline);
    }
    (void)pthread_mutex_unlock(&warming->lock);
}

static void *keep_warm(void *argument)
{
    struct warming *warming = argument;
    const struct shared *shared = warming->application->shared;
    long long warmed = -1;
    long long day = -1;
    while (!atomic_load(&warming->stopping)) {
        long long newest = listener_wait(shared->listener, warmed, LOOK);
        if (newest > warmed && warmed >= 0 &&
            listener_wait(shared->listener, newest, SETTLING) != newest) {
            continue;
        }
        long long today = keeping_day();
        if ((newest > warmed || (newest >= 0 && today != day)) && warm(warming, newest)) {
            warmed = newest;
            day = today;
        }
    }
    return NULL;
}

struct warming *warming_start(const struct application *application)
{
    struct warming *warming = memory_allocate(sizeof *warming);
    warming->application = application;
    (void)pthread_mutex_init(&warming->lock, NULL);
    clock_condition(&warming->common_kept);
    thread_start(&warming->thread, keep_warm, warming);
    return warming;
}

void warming_stop(struct warming *warming)
{
    if (warming == NULL) {
        return;
    }
    atomic_store(&warming->stopping, true);
    (void)pthread_join(warming->thread, NULL);
    (void)pthread_cond_destroy(&warming->common_kept);
    (void)pthread_mutex_destroy(&warming->lock);
    free(warming);
}
