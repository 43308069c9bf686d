#include "api/warming.h"

#include "api/shared.h"
#include "http/answer.h"
#include "log.h"
#include "statements.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <ulfius.h>

/* How long the thread waits for news before it looks whether it is to stop, in milliseconds. */
enum { LOOK = 100 };

struct warming {
    const struct application *application;
    pthread_t thread;
    atomic_bool stopping;
};

/* What dashboards ask for, in the order of how many do; each State follows. */
static const char *const common[] = {"/v1/states",  "/v1/convention", "/v1/statistics",
                                     "/v1/actions", "/v1/anomalies",  "/v1/calls",
                                     "/v1/outlook", "/v1/vocabulary", NULL};

/* In every language, and in every form of the bytes. */
static const char *const languages[] = {"en", "fr"};
static const char *const codings[] = {"gzip", "br"};

static void ask(const struct warming *warming, const char *path)
{
    for (size_t language = 0; language < sizeof languages / sizeof languages[0]; language++) {
        for (size_t coding = 0; coding < sizeof codings / sizeof codings[0]; coding++) {
            struct _u_map headers;
            (void)u_map_init(&headers);
            (void)u_map_put(&headers, "Accept-Language", languages[language]);
            (void)u_map_put(&headers, "Accept-Encoding", codings[coding]);
            struct exchange exchange = {.arena = arena_open(),
                                        .application = warming->application->shared,
                                        .request_id = "warming",
                                        .method = "GET",
                                        .path = path,
                                        .address = path,
                                        .query = "",
                                        .question = "",
                                        .request_headers = &headers};
            answer(&exchange, warming->application, 0);
            exchange_end(&exchange);
            (void)u_map_clean(&headers);
        }
    }
}

static bool is_over(const struct warming *warming, long long revision)
{
    const struct shared *shared = warming->application->shared;
    return atomic_load(&warming->stopping) || listener_revision(shared->listener) != revision;
}

/* The codes of all States, in their order; NULL: the database cannot be asked. */
static struct rows *state_codes(const struct warming *warming)
{
    const struct shared *shared = warming->application->shared;
    struct session *session = store_checkout(shared->store);
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session != NULL &&
        session_run(session, &statement_state_codes, NULL, &rows, &fault) == STORE_REFUSED) {
        store_fault_clear(&fault);
    }
    store_checkin(session);
    return rows;
}

/* Renders everything at this revision, unless a newer one makes it vain. */
static void warm(const struct warming *warming, long long revision)
{
    for (int i = 0; common[i] != NULL && !is_over(warming, revision); i++) {
        ask(warming, common[i]);
    }
    struct rows *codes = state_codes(warming);
    for (int row = 0; codes != NULL && row < rows_count(codes) && !is_over(warming, revision);
         row++) {
        char path[32];
        (void)snprintf(path, sizeof path, "/v1/states/%s", rows_named(codes, row, "code"));
        ask(warming, path);
    }
    if (codes != NULL) {
        rows_free(codes);
    }
    log_event(LOG_LEVEL_DEBUG, "warm", log_number("revision", revision));
}

static void *keep_warm(void *argument)
{
    const struct warming *warming = argument;
    const struct shared *shared = warming->application->shared;
    long long warmed = -1;
    while (!atomic_load(&warming->stopping)) {
        long long newest = listener_wait(shared->listener, warmed, LOOK);
        if (newest > warmed) {
            warm(warming, newest);
            warmed = newest;
        }
    }
    return NULL;
}

struct warming *warming_start(const struct application *application)
{
    struct warming *warming = memory_allocate(sizeof *warming);
    warming->application = application;
    if (pthread_create(&warming->thread, NULL, keep_warm, warming) != 0) {
        (void)fputs("ets144: no thread could be started.\n", stderr);
        abort();
    }
    return warming;
}

void warming_stop(struct warming *warming)
{
    if (warming == NULL) {
        return;
    }
    atomic_store(&warming->stopping, true);
    (void)pthread_join(warming->thread, NULL);
    free(warming);
}
