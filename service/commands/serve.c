/* The service: store, server, and a quiet wait for the signal to stop. */
#include "api/follow/changes.h"
#include "api/query/authorize.h"
#include "api/routes.h"
#include "api/warmer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "commands/commands.h"
#include "context.h"
#include "http/cache/response_cache.h"
#include "http/handle/metrics.h"
#include "http/message/application.h"
#include "http/server/server.h"
#include "http/server/tls.h"
#include "render/html.h"
#include "statements.h"
#include "webhook/dispatcher.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* In milliseconds: how often what is not needed goes back to the system. Without that a process
 * that replaces kept answers under load held three times what it had allocated, and ever more. */
enum { TIDYING_PAUSE = 5000 };

/* In milliseconds: for the first database connection, and for the common answers: who listens
 * before they are there is ready sooner, and slower for the first who ask. */
enum { START_PATIENCE = 5000, WARMING_PATIENCE = 70 };

static enum log_level level_named(const char *name)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    enum log_level level = LOG_LEVEL_INFO;
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], name) == 0) {
            level = (enum log_level)i;
        }
    }
    return level;
}

/* One sentence about why the database will not do; false then. */
static bool check_schema(struct pool *store)
{
    char error[256];
    if (!pool_wait(store, START_PATIENCE, error, (int)sizeof error)) {
        (void)fprintf(stderr, "ets144: the database does not answer: %s.\n",
                      error[0] != '\0' ? error : "no connection in time");
        return false;
    }
    static const char *const built_for[] = {ETS144_SCHEMA};
    struct session *session = pool_checkout(store);
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    bool good = false;
    if (session == NULL ||
        session_run(session, &statement_schema, built_for, &rows, &fault) != STORE_DONE) {
        (void)fprintf(stderr,
                      "ets144: the database has no schema of the register that this role may read "
                      "(%s); deploy sql/ with Sqitch first.\n",
                      fault.message != NULL ? fault.message : "no answer");
        store_fault_clear(&fault);
    } else {
        good = rows_true(rows, 0, "serves");
        if (!good) {
            const char *schema = rows_named(rows, 0, "version");
            (void)fprintf(
                stderr,
                "ets144: the database has the schema \"%s\", which does not serve this "
                "binary, built for \"%s\"; deploy sql/ with Sqitch, or run a newer one.\n",
                schema != NULL ? schema : "none", ETS144_SCHEMA);
        }
        rows_free(rows);
    }
    pool_checkin(session);
    return good;
}

/* False: a sentence about the two files is on stderr. */
static bool open_tls(const struct config *config, struct tls **tls)
{
    bool certificate = config->tls_certificate_file[0] != '\0';
    bool key = config->tls_key_file[0] != '\0';
    if (certificate != key) {
        (void)fputs("ets144: ETS144_TLS_CERTIFICATE_FILE and ETS144_TLS_KEY_FILE go together.\n",
                    stderr);
        return false;
    }
    *tls = certificate ? tls_open(config->tls_certificate_file, config->tls_key_file) : NULL;
    return !certificate || *tls != NULL;
}

/* Signals are blocked before any thread starts, so that only this wait hears them. */
static void block_signals(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* Answers the signal that ends the service, SIGHUP not being one; 0: none came until a moment of
 * clock_milliseconds. Tidies up meanwhile. */
static int wait_for_signal(const sigset_t *signals, struct tls *tls, long long until)
{
    enum { MILLI = 1000 };
    for (;;) {
        long long left = until - clock_milliseconds();
        left = left < TIDYING_PAUSE ? left : TIDYING_PAUSE;
        if (left <= 0) {
            return 0;
        }
        const struct timespec time = {.tv_sec = left / MILLI,
                                      .tv_nsec = left % MILLI * (long)(MILLI * MILLI)};
        int heard = sigtimedwait(signals, NULL, &time);
        if (heard == SIGHUP && tls != NULL) {
            tls_reload(tls);
        } else if (heard < 0) {
            memory_give_back();
        } else if (heard != SIGHUP) {
            return heard;
        }
    }
}

/* Waits for the end, and then says that it is not ready while it goes on answering, for as long as
 * proxies need to turn to other replicas. Who types Ctrl-C, or says it twice, has none to wait for;
 * and what cannot be served is not served any longer. */
static int wait_for_end(const sigset_t *signals, struct context *context, struct server *server,
                        long delay)
{
    int heard = wait_for_signal(signals, context->tls, LLONG_MAX);
    log_event(LOG_LEVEL_INFO, "stopping", log_number("signal", heard));
    atomic_store(&context->stopping, true);
    server_drain(server);
    if (heard == SIGTERM && !revisions_must_exit(context->revisions)) {
        (void)wait_for_signal(signals, context->tls, clock_milliseconds() + delay);
    }
    return heard;
}

static struct proxy_trust trust_of(const struct config *config)
{
    struct proxy_trust trust = {.header = strcmp(config->proxy_header, "forwarded") == 0
                                              ? PROXY_HEADER_FORWARDED
                                              : PROXY_HEADER_X_FORWARDED};
    /* The settings were checked when they were read. */
    (void)address_ranges_read(config->trusted_proxies, &trust.proxies);
    return trust;
}

static long long newest_revision(void *context)
{
    return revisions_current(((struct context *)context)->revisions);
}

static void observe_revision(void *context, long long revision)
{
    revisions_observe(((struct context *)context)->revisions, revision);
}

static long long await_revision(void *context, long long revision, int milliseconds)
{
    return revisions_wait(((struct context *)context)->revisions, revision, milliseconds);
}

/* NULL: this replica does not deliver. */
static struct dispatcher *start_dispatcher(const struct config *config,
                                           const struct context *context)
{
    if (strcmp(config->webhooks, "yes") != 0) {
        return NULL;
    }
    const struct dispatcher_settings settings = {
        .database_url = config->listener_database_url,
        .statement_timeout_ms = (int)config->statement_timeout_ms,
        .transfers = {.guard = context->url_guard,
                      .most = (int)config->webhook_concurrency,
                      .timeout = (int)config->webhook_timeout_ms,
                      .ca_file = config->webhook_ca_file},
        .first_pause = (int)config->webhook_backoff_ms,
        .patience = config->webhook_retry_for,
        .render_change = change_item,
    };
    return dispatcher_start(&settings, context->revisions);
}

/* The connections of stores, listener and webhooks, with one to spare for each that is made anew.
 */
static int other_files(const struct config *config)
{
    bool reads_elsewhere = config->read_database_url[0] != '\0';
    return (int)(2 * config->pool_size * (reads_elsewhere ? 2 : 1) + config->webhook_concurrency);
}

static struct server_settings server_settings(const struct config *config, struct tls *tls)
{
    return (struct server_settings){
        .address = config->listen_address,
        .port = (int)config->port,
        .threads = (int)config->threads,
        .connection_limit = (int)config->connection_limit,
        .handler_threads = (int)config->handler_threads,
        .idle_timeout_seconds = (int)config->idle_timeout,
        .request_timeout_seconds = (int)config->request_timeout,
        .response_timeout_seconds = (int)config->response_timeout,
        .client_connections = (int)config->client_connections,
        .other_files = other_files(config),
        .tls = tls,
    };
}

/* What it opens application_close closes. */
static struct application application_open(const struct config *config, struct context *context,
                                           const char *page_policy)
{
    context->cache =
        response_cache_open((size_t)config->cache_entries, (size_t)config->cache_bytes);
    context->metrics = metrics_open(routes);
    return (struct application){
        .routes = routes,
        .context = context,
        .authorize = authorize,
        .cache = context->cache,
        .stale_if_error = config->stale_if_error,
        .max_body_bytes = config->max_body_bytes,
        .max_file_bytes = config->max_file_bytes,
        .metrics = context->metrics,
        .licence = config->licence,
        .page_policy = page_policy,
        .trust = trust_of(config),
        .rate_limit = rate_limit_open(config->client_rate, config->client_burst),
        .newest_revision = newest_revision,
        .observe_revision = observe_revision,
        .await_revision = await_revision,
    };
}

static void application_close(const struct application *application)
{
    response_cache_close(application->cache);
    metrics_close(application->metrics);
    rate_limit_close(application->rate_limit);
}

/* Serves until it is told to end; whoever runs this starts it anew if it is unfit. */
static int serve_until_end(const struct config *config, struct context *context,
                           struct server *server, struct warmer *warmer, const sigset_t *signals)
{
    struct dispatcher *dispatcher = start_dispatcher(config, context);
    int heard = wait_for_end(signals, context, server, config->drain_delay_ms);
    dispatcher_finish(dispatcher, (int)config->shutdown_grace);
    warmer_stop(warmer);
    server_stop(server, (int)config->shutdown_grace);
    dispatcher_stop(dispatcher);
    log_event(LOG_LEVEL_INFO, "stopped", log_number("signal", heard));
    return revisions_must_exit(context->revisions) ? 1 : 0;
}

static int serve(const struct config *config, struct context *context, const sigset_t *signals)
{
    if (!check_schema(context->pool)) {
        return 1;
    }
    char policy[HTML_POLICY_SIZE];
    html_policy(policy);
    const struct application application = application_open(config, context, policy);
    const struct server_settings settings = server_settings(config, context->tls);
    struct warmer *warmer =
        strcmp(config->cache_warming, "yes") == 0 ? warmer_start(&application) : NULL;
    warmer_wait(warmer, WARMING_PATIENCE);
    struct server *server = server_start(&settings, &application);
    int status = 1;
    if (server != NULL) {
        status = serve_until_end(config, context, server, warmer, signals);
    } else {
        warmer_stop(warmer);
    }
    application_close(&application);
    return status;
}

int command_serve(const struct config *config)
{
    sigset_t signals;
    block_signals(&signals);
    log_open(level_named(config->log_level));
    struct tls *tls = NULL;
    if (!open_tls(config, &tls)) {
        return 1;
    }
    const struct database_settings settings = {
        .url = config->database_url,
        .pool_size = (int)config->pool_size,
        .checkout_timeout_ms = (int)config->checkout_timeout_ms,
        .statement_timeout_ms = (int)config->statement_timeout_ms,
        .pooled = config->pooled,
    };
    struct context context = {
        .pool = pool_open(&settings),
        .stale_if_error = config->stale_if_error,
        .public_url = config->public_url,
        .publisher = config->publisher,
        .contact = config->contact,
        .licence = config->licence,
        .security_contact = config->security_contact,
        .max_file_rows = config->max_file_rows,
        .import_timeout_ms = (int)config->import_timeout_ms,
        .url_guard = {.http = strcmp(config->webhook_http, "yes") == 0,
                      .private_networks = strcmp(config->webhook_private, "yes") == 0},
        .plain_tokens = strcmp(config->tokens_over_http, "anywhere") == 0,
        .tls = tls,
        .started = time(NULL)};
    /* The settings were checked when they were read. */
    (void)address_ranges_read(config->metrics_clients, &context.metrics_clients);
    context.revisions = revisions_open(config->listener_database_url, context.pool,
                                       (int)config->database_heartbeat_timeout_ms);
    if (config->read_database_url[0] != '\0') {
        struct database_settings of_standbys = settings;
        of_standbys.url = config->read_database_url;
        context.standby = standby_open(&of_standbys, (int)config->database_heartbeat_timeout_ms);
    }
    int status = serve(config, &context, &signals);
    standby_close(context.standby);
    revisions_close(context.revisions);
    pool_close(context.pool);
    tls_close(tls);
    return status;
}
