/* ets144 serve: opens database, server and webhooks, waits for a signal, and closes them. */
#include "api/follow/changes.h"
#include "api/query/authorize.h"
#include "api/routes.h"
#include "api/warmer.h"
#include "auth/identity_provider.h"
#include "auth/signing_key.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/notify.h"
#include "base/watchdog.h"
#include "commands/commands.h"
#include "commands/probe.h"
#include "context.h"
#include "http/cache/response_cache.h"
#include "http/handle/metrics.h"
#include "http/message/application.h"
#include "http/server/server.h"
#include "http/server/tls.h"
#include "render/html.h"
#include "statements.h"
#include "store/token_uses.h"
#include "webhook/dispatcher.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    /* How often unused memory goes back to the system. Otherwise replaced responses fragment the
     * heap: it grew to three times what was allocated. */
    TRIM_INTERVAL_MS = 5000,
    CONNECT_TIMEOUT_MS = 5000, /* of the first database connection */
    /* How long listening waits for the common responses: a little later, but with a warm cache. */
    WARMING_TIMEOUT_MS = 70,
    MAX_PROBE_MS = 5000
};

static bool complain_of_schema(const struct rows *rows)
{
    const char *schema = rows_named(rows, 0, "version");
    (void)fprintf(stderr,
                  "ets144: the database has the schema \"%s\", which does not serve this binary, "
                  "built for \"%s\"; deploy sql/ with Sqitch, or run a newer binary.\n",
                  schema != NULL ? schema : "none", ETS144_SCHEMA);
    return false;
}

/* False: a sentence on stderr says why this database cannot be served. */
static bool check_schema(struct pool *pool)
{
    char error[256];
    if (!pool_wait(pool, CONNECT_TIMEOUT_MS, error, (int)sizeof error)) {
        (void)fprintf(stderr, "ets144: the database does not answer: %s.\n",
                      error[0] != '\0' ? error : "no connection in time");
        return false;
    }
    static const char *const built_for[] = {ETS144_SCHEMA};
    struct session *session = pool_checkout(pool);
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
        good = rows_true(rows, 0, "serves") || complain_of_schema(rows);
        rows_free(rows);
    }
    pool_checkin(session);
    return good;
}

/* *tls is NULL for plain HTTP. False: a sentence is on stderr. */
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

/* Before any thread starts, so that only wait_for_signal() receives them. */
static void block_signals(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* Returns the signal to end by; 0: none before the moment `until` (clock_milliseconds). Meanwhile
 * reloads the certificate on SIGHUP and trims the heap. */
static int wait_for_signal(const sigset_t *signals, struct tls *tls, long long until)
{
    for (;;) {
        long long left = until - clock_milliseconds();
        if (left <= 0) {
            return 0;
        }
        const struct timespec time =
            clock_duration(left < TRIM_INTERVAL_MS ? left : TRIM_INTERVAL_MS);
        int received = sigtimedwait(signals, NULL, &time);
        if (received == SIGHUP && tls != NULL) {
            tls_reload(tls);
        } else if (received < 0) {
            memory_give_back();
        } else if (received != SIGHUP) {
            return received;
        }
    }
}

/* Waits for the signal to end, and then drains: reports "not ready" but goes on answering, for as
 * long as proxies need to switch to other replicas. Without a delay after SIGINT, after a second
 * signal, and if the database cannot be served any more. */
static int wait_for_end(const sigset_t *signals, struct context *context, struct server *server,
                        long delay_ms)
{
    int received = wait_for_signal(signals, context->tls, LLONG_MAX);
    log_event(LOG_LEVEL_INFO, "stopping", log_number("signal", received));
    notify_send("STOPPING=1");
    atomic_store(&context->stopping, true);
    server_drain(server);
    if (received == SIGTERM && !revisions_must_exit(context->revisions)) {
        (void)wait_for_signal(signals, context->tls, clock_milliseconds() + delay_ms);
    }
    return received;
}

/* What the watchdog probes: the connection threads, each of which must react. */
struct liveness {
    struct probe probe;
    int threads;
    struct probe_connections connections;
};

static bool threads_react(void *source, int timeout_ms)
{
    struct liveness *liveness = source;
    liveness->probe.timeout_ms = timeout_ms;
    return probe_reacts(&liveness->probe, liveness->threads, &liveness->connections);
}

static struct watchdog *start_watchdog(const struct config *config, const struct server *server,
                                       struct liveness *liveness)
{
    (void)probe_make(config, server_port(server), MAX_PROBE_MS, &liveness->probe);
    const struct watchdog_settings settings = {.limit_ms = config->watchdog_seconds *
                                                           MILLISECONDS_PER_SECOND,
                                               .max_probe_ms = MAX_PROBE_MS,
                                               .is_alive = threads_react,
                                               .source = liveness};
    return watchdog_start(&settings);
}

static struct proxy_trust trust_of(const struct config *config)
{
    struct proxy_trust trust = {.header = strcmp(config->proxy_header, "forwarded") == 0
                                              ? PROXY_HEADER_FORWARDED
                                              : PROXY_HEADER_X_FORWARDED};
    /* config_read() has checked it. */
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

/* NULL: this replica does not deliver webhooks. */
static struct dispatcher *start_dispatcher(const struct config *config,
                                           const struct context *context)
{
    if (!config->webhooks) {
        return NULL;
    }
    const struct dispatcher_settings settings = {
        .database_url = config->listener_database_url,
        .statement_timeout_ms = (int)config->statement_timeout_ms,
        .transfers = {.guard = context->url_guard,
                      .concurrency = (int)config->webhook_concurrency,
                      .timeout_ms = (int)config->webhook_timeout_ms,
                      .ca_file = config->webhook_ca_file},
        .backoff_ms = (int)config->webhook_backoff_ms,
        .retry_for_seconds = config->webhook_retry_for_seconds,
        .write_change = change_write,
    };
    return dispatcher_start(&settings, context->revisions);
}

/* File descriptors besides those of clients: pools, of which each connection may be replaced while
 * it is still open, webhooks, and both ends of the watchdog's connections. */
static int other_files(const struct config *config)
{
    const int pools = config->read_database_url[0] != '\0' ? 2 : 1;
    return (int)(2 * config->pool_size * pools + config->webhook_concurrency +
                 2L * MAX_PROBE_CONNECTIONS);
}

static struct server_settings server_settings(const struct config *config, struct tls *tls)
{
    return (struct server_settings){
        .address = config->listen_address,
        .port = (int)config->port,
        .threads = (int)config->threads,
        .connection_limit = (int)config->connection_limit,
        .handler_threads = (int)config->handler_threads,
        .idle_timeout_seconds = (int)config->idle_timeout_seconds,
        .request_timeout_seconds = (int)config->request_timeout_seconds,
        .response_timeout_seconds = (int)config->response_timeout_seconds,
        .client_connections = (int)config->client_connections,
        .other_files = other_files(config),
        .tls = tls,
    };
}

/* Caller closes with application_close(). */
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
        .stale_if_error = config->stale_if_error_seconds,
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

/* Returns 1 if the database cannot be served any more: the supervisor then restarts the process. */
static int serve_until_end(const struct config *config, struct context *context,
                           struct server *server, struct warmer *warmer, const sigset_t *signals)
{
    struct dispatcher *dispatcher = start_dispatcher(config, context);
    struct liveness liveness = {.threads = (int)config->threads};
    struct watchdog *watchdog = start_watchdog(config, server, &liveness);
    notify_send("READY=1");
    int received = wait_for_end(signals, context, server, config->drain_delay_ms);
    watchdog_stop(watchdog);
    probe_close(&liveness.connections);
    dispatcher_finish(dispatcher, (int)config->shutdown_grace_seconds);
    warmer_stop(warmer);
    server_stop(server, (int)config->shutdown_grace_seconds);
    dispatcher_stop(dispatcher);
    log_event(LOG_LEVEL_INFO, "stopped", log_number("signal", received));
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
    struct warmer *warmer = config->cache_warming ? warmer_start(&application) : NULL;
    warmer_wait(warmer, WARMING_TIMEOUT_MS);
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

/* The context without its pools. */
static struct context context_of(const struct config *config, struct tls *tls,
                                 struct signing_key *signing_key)
{
    struct context context = {
        .routes = routes,
        .newest = {.lock = PTHREAD_MUTEX_INITIALIZER},
        .stale_if_error = config->stale_if_error_seconds,
        .public_url = config->public_url,
        .publisher = config->publisher,
        .contact = config->contact,
        .licence = config->licence,
        .security_contact = config->security_contact,
        .max_file_rows = config->max_file_rows,
        .import_timeout_ms = (int)config->import_timeout_ms,
        .url_guard = {.http = config->webhook_http, .private_networks = config->webhook_private},
        .plain_tokens = strcmp(config->tokens_over_http, "anywhere") == 0,
        .second_person = strcmp(config->approval, "second_person") == 0,
        .tls = tls,
        .signing_key = signing_key,
        .started = time(NULL)};
    /* config_read() has checked it. */
    (void)address_ranges_read(config->metrics_clients, &context.metrics_clients);
    return context;
}

static void open_pools(const struct config *config, struct context *context)
{
    struct database_settings settings = {
        .name = "primary",
        .url = config->database_url,
        .pool_size = (int)config->pool_size,
        .checkout_timeout_ms = (int)config->checkout_timeout_ms,
        .statement_timeout_ms = (int)config->statement_timeout_ms,
        .pooled = config->pooled,
    };
    const int heartbeat_ms = (int)config->database_heartbeat_timeout_ms;
    context->pool = pool_open(&settings);
    context->token_uses = token_uses_open(context->pool);
    context->revisions = revisions_open(config->listener_database_url, context->pool, heartbeat_ms);
    if (config->read_database_url[0] != '\0') {
        settings.url = config->read_database_url;
        context->standby = standby_open(&settings, heartbeat_ms);
    }
}

/* False: there is a key, and it cannot be used; NULL: there is none. */
static bool open_signing_key(const struct config *config, struct signing_key **key)
{
    *key = NULL;
    if (config->signing_key_file[0] != '\0') {
        *key = signing_key_open(config->signing_key_file);
        return *key != NULL;
    }
    return true;
}

/* False: the settings cannot be used; NULL: there is no identity provider. */
static bool open_identity_provider(const struct config *config, struct identity_provider **provider)
{
    enum { MAX_WAITING = 4 };
    const struct identity_provider_settings settings = {
        .issuer = config->oidc_issuer,
        .audience = config->oidc_audience,
        .scopes_claim = config->oidc_scopes_claim,
        .scopes = config->oidc_scopes,
        .ca_file = config->oidc_ca_file,
        .refresh_seconds = (int)config->oidc_refresh_seconds,
        /* At least half of the handler threads never wait for the provider. */
        .max_waiting = config->handler_threads / 2 < MAX_WAITING ? (int)config->handler_threads / 2
                                                                 : MAX_WAITING};
    *provider = NULL;
    if (config->oidc_issuer[0] != '\0') {
        *provider = identity_provider_start(&settings);
        return *provider != NULL;
    }
    return true;
}

int command_serve(const struct config *config, int count, char **words)
{
    (void)count;
    (void)words;
    sigset_t signals;
    block_signals(&signals);
    log_open(log_level_named(config->log_level));
    struct tls *tls = NULL;
    if (!open_tls(config, &tls)) {
        return 1;
    }
    struct signing_key *signing_key = NULL;
    struct identity_provider *identity_provider = NULL;
    int status = 1;
    if (open_signing_key(config, &signing_key) &&
        open_identity_provider(config, &identity_provider)) {
        struct context context = context_of(config, tls, signing_key);
        context.identity_provider = identity_provider;
        open_pools(config, &context);
        status = serve(config, &context, &signals);
        token_uses_close(context.token_uses);
        standby_close(context.standby);
        revisions_close(context.revisions);
        pool_close(context.pool);
    }
    identity_provider_stop(identity_provider);
    signing_key_close(signing_key);
    tls_close(tls);
    return status;
}
