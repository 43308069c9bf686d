/* GET /metrics, for Prometheus (text exposition format 0.0.4). A metric is a row: name, type, help,
 * and the function that reads its value or writes its series. */
#include "http/handle/metrics.h"

#include "api/handlers.h"
#include "base/clock.h"
#include "context.h"
#include "http/cache/response_cache.h"
#include "http/message/problem.h"
#include "http/server/tls.h"
#include "statements.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

const char *const metrics_media[] = {"text/plain", NULL};

enum { MAX_POOLS = 2 };

/* Read once for all metrics. */
struct state {
    struct context *context;
    struct pool_state pools[MAX_POOLS]; /* primary, standby */
    int pool_count;
    struct rows *backlog; /* of webhooks; NULL: the database cannot be asked now */
};

static const char *const pool_names[MAX_POOLS] = {"primary", "standby"};

/* Exactly one of the last four members is set. */
struct metric {
    const char *name;
    const char *type;
    const char *help;
    /* Exactly one of the three is set: writes all lines of a metric with labels, reads the value of
     * a metric without, or names the column of the backlog. */
    void (*write)(FILE *output, const struct metric *metric, const struct state *state);
    double (*read)(const struct state *state); /* a single value without labels */
    double (*of_pool)(const struct pool_state *pool);
    const char *backlog; /* a column of the backlog */
};

static double seconds(unsigned long long microseconds)
{
    return (double)microseconds / MICROSECONDS_PER_SECOND;
}

static void write_build(FILE *output, const struct metric *metric, const struct state *state)
{
    (void)state;
    (void)fprintf(output, "%s{version=\"%s\",schema=\"%s\"} 1\n", metric->name, ETS144_VERSION,
                  ETS144_SCHEMA);
}

static void write_requests(FILE *output, const struct metric *metric, const struct state *state)
{
    const struct metrics *metrics = state->context->metrics;
    struct metrics_series series;
    for (size_t number = 0; metrics_read_series(metrics, number, &series); number++) {
        const char *status = NULL;
        unsigned long long count = 0;
        for (size_t i = 0; metrics_read_status(metrics, number, i, &status, &count); i++) {
            if (count > 0) {
                (void)fprintf(output, "%s{route=\"%s\",method=\"%s\",status=\"%s\"} %llu\n",
                              metric->name, series.route, series.method, status, count);
            }
        }
    }
}

static void write_durations(FILE *output, const struct metric *metric, const struct state *state)
{
    struct metrics_series series;
    for (size_t number = 0; metrics_read_series(state->context->metrics, number, &series);
         number++) {
        if (series.count == 0) {
            continue;
        }
        for (size_t i = 0; i < METRICS_BUCKETS; i++) {
            char bound[32] = "+Inf";
            if (i < METRICS_BUCKETS - 1) {
                (void)snprintf(bound, sizeof bound, "%g",
                               seconds((unsigned long long)metrics_bound(i)));
            }
            (void)fprintf(output, "%s_bucket{route=\"%s\",method=\"%s\",le=\"%s\"} %llu\n",
                          metric->name, series.route, series.method, bound, series.buckets[i]);
        }
        (void)fprintf(output, "%s_sum{route=\"%s\",method=\"%s\"} %.6f\n", metric->name,
                      series.route, series.method, seconds(series.microseconds));
        (void)fprintf(output, "%s_count{route=\"%s\",method=\"%s\"} %llu\n", metric->name,
                      series.route, series.method, series.count);
    }
}

static void write_cache_requests(FILE *output, const struct metric *metric,
                                 const struct state *state)
{
    static const char *const results[CACHE_RESULTS] = {
        [CACHE_HIT] = "hit", [CACHE_MISS] = "miss", [CACHE_STALE] = "stale"};
    for (int result = CACHE_HIT; result < CACHE_RESULTS; result++) {
        (void)fprintf(output, "%s{result=\"%s\"} %llu\n", metric->name, results[result],
                      metrics_read_cache(state->context->metrics, (enum cache_result)result));
    }
}

static void write_sessions(FILE *output, const struct metric *metric, const struct state *state)
{
    for (int i = 0; i < state->pool_count && i < MAX_POOLS; i++) {
        const struct pool_state *pool = &state->pools[i];
        const struct {
            const char *name;
            int count;
        } sessions[] = {{"busy", pool->busy},
                        {"idle", pool->idle},
                        {"closed", pool->size - pool->busy - pool->idle}};
        for (size_t j = 0; j < sizeof sessions / sizeof sessions[0]; j++) {
            (void)fprintf(output, "%s{pool=\"%s\",state=\"%s\"} %d\n", metric->name, pool_names[i],
                          sessions[j].name, sessions[j].count);
        }
    }
}

static void write_statements(FILE *output, const struct metric *metric, const struct state *state)
{
    for (int i = 0; i < state->pool_count && i < MAX_POOLS; i++) {
        const struct pool_state *pool = &state->pools[i];
        (void)fprintf(output, "%s_sum{pool=\"%s\"} %.6f\n%s_count{pool=\"%s\"} %llu\n",
                      metric->name, pool_names[i], seconds(pool->microseconds), metric->name,
                      pool_names[i], pool->statements);
    }
}

static double waiting(const struct pool_state *pool)
{
    return pool->waiting;
}

static double refused(const struct pool_state *pool)
{
    return (double)pool->refused;
}

static double failed(const struct pool_state *pool)
{
    return (double)pool->failed;
}

static double cache_entries(const struct state *state)
{
    return (double)response_cache_count(state->context->cache);
}

static double cache_bytes(const struct state *state)
{
    return (double)response_cache_bytes(state->context->cache);
}

static double connections(const struct state *state)
{
    return (double)metrics_read_connections(state->context->metrics);
}

static double connections_refused(const struct state *state)
{
    return (double)metrics_read_connections_refused(state->context->metrics);
}

static double database_up(const struct state *state)
{
    const struct pool_state *primary = &state->pools[0];
    return !primary->circuit_open && primary->busy + primary->idle > 0 &&
                   revisions_current(state->context->revisions) >= 0
               ? 1
               : 0;
}

static double revision(const struct state *state)
{
    return (double)revisions_newest(state->context->revisions);
}

static double heartbeat_age(const struct state *state)
{
    return (double)revisions_heartbeat_age_ms(state->context->revisions) / MILLISECONDS_PER_SECOND;
}

static void write_certificate(FILE *output, const struct metric *metric, const struct state *state)
{
    if (state->context->tls != NULL) {
        (void)fprintf(output, "%s %lld\n", metric->name, (long long)tls_end(state->context->tls));
    }
}

static void write_webhooks(FILE *output, const struct metric *metric, const struct state *state)
{
    static const char *const kinds[] = {"enabled", "disabled"};
    for (size_t i = 0; state->backlog != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        (void)fprintf(output, "%s{state=\"%s\"} %s\n", metric->name, kinds[i],
                      rows_named(state->backlog, 0, kinds[i]));
    }
}

static double processor_seconds(const struct state *state)
{
    (void)state;
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / MICROSECONDS_PER_SECOND;
}

static double resident_memory(const struct state *state)
{
    (void)state;
    char line[128];
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL && fgets(line, sizeof line, file) != NULL) {
        /* Total pages, then resident ones. */
        pages = strtol(line + strcspn(line, " "), NULL, 10);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(const struct state *state)
{
    (void)state;
    enum { OTHER_ENTRIES = 3 /* ".", "..", and the descriptor of the folder */ };
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    if (folder != NULL) {
        /* The stream is not shared between threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
        while (readdir(folder) != NULL) {
            count++;
        }
        (void)closedir(folder);
    }
    return count > OTHER_ENTRIES ? count - OTHER_ENTRIES : 0;
}

static double max_files(const struct state *state)
{
    (void)state;
    struct rlimit files = {.rlim_cur = 0};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    return (double)files.rlim_cur;
}

static double started(const struct state *state)
{
    return (double)state->context->started;
}

static const struct metric metrics[] = {
    {"ets144_build_info", "gauge", "Version of the service and schema it was built for.",
     .write = write_build},
    {"ets144_http_requests_total", "counter",
     "Requests answered, by route (empty: none matched), method and status.",
     .write = write_requests},
    {"ets144_http_request_duration_seconds", "histogram",
     "Time from the end of a request to its response.", .write = write_durations},
    {"ets144_http_connections", "gauge", "Open client connections.", .read = connections},
    {"ets144_http_connections_refused_total", "counter",
     "Connections refused because the client or the server was at its limit.",
     .read = connections_refused},
    {"ets144_cache_requests_total", "counter",
     "Cacheable requests: answered from the cache (hit), rendered (miss), or answered from the "
     "cache while the database was down (stale).",
     .write = write_cache_requests},
    {"ets144_cache_entries", "gauge", "Cached responses.", .read = cache_entries},
    {"ets144_cache_bytes", "gauge", "Memory that cached responses take.", .read = cache_bytes},
    {"ets144_database_up", "gauge", "Whether the primary database answers (1) or not (0).",
     .read = database_up},
    {"ets144_database_sessions", "gauge", "Database sessions, by pool and state.",
     .write = write_sessions},
    {"ets144_database_sessions_waiting", "gauge", "Requests that wait for a session, by pool.",
     .of_pool = waiting},
    {"ets144_database_sessions_refused_total", "counter",
     "Requests that got no session in time, by pool; without one of the standby pool they use the "
     "primary's.",
     .of_pool = refused},
    {"ets144_database_statement_duration_seconds", "summary",
     "Duration of statements, network included, by pool.", .write = write_statements},
    {"ets144_database_statement_failures_total", "counter",
     "Statements that the database did not answer or could not serve, by pool.", .of_pool = failed},
    {"ets144_revision", "gauge", "Newest known revision of the register.", .read = revision},
    {"ets144_revision_heartbeat_age_seconds", "gauge",
     "Time since the database last confirmed the newest revision.", .read = heartbeat_age},
    {"ets144_tls_certificate_not_after_timestamp_seconds", "gauge",
     "End of the TLS certificate's validity, in seconds since 1970; none without TLS.",
     .write = write_certificate},
    {"ets144_webhooks", "gauge", "Webhooks, enabled and disabled.", .write = write_webhooks},
    {"ets144_webhooks_failing", "gauge", "Enabled webhooks whose last attempt failed.",
     .backlog = "failing"},
    {"ets144_webhook_deliveries_waiting", "gauge",
     "Changes to be delivered to webhooks, at most a thousand of each.", .backlog = "waiting"},
    {"ets144_webhook_oldest_waiting_seconds", "gauge", "Age of the oldest of these.",
     .backlog = "oldest_seconds"},
    {"ets144_webhook_dead_letters", "gauge", "Changes whose delivery was given up.",
     .backlog = "dead_letters"},
    {"process_cpu_seconds_total", "counter", "Processor time used.", .read = processor_seconds},
    {"process_resident_memory_bytes", "gauge", "Resident memory.", .read = resident_memory},
    {"process_open_fds", "gauge", "Open file descriptors.", .read = open_files},
    {"process_max_fds", "gauge", "Limit of open file descriptors.", .read = max_files},
    {"process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.",
     .read = started},
};

static void write_pools(FILE *output, const struct metric *metric, const struct state *state)
{
    for (int i = 0; i < state->pool_count && i < MAX_POOLS; i++) {
        (void)fprintf(output, "%s{pool=\"%s\"} %.15g\n", metric->name, pool_names[i],
                      metric->of_pool(&state->pools[i]));
    }
}

static void write_all(FILE *output, const struct state *state)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const struct metric *metric = &metrics[i];
        (void)fprintf(output, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                      metric->name, metric->type);
        if (metric->write != NULL) {
            metric->write(output, metric, state);
        } else if (metric->read != NULL) {
            (void)fprintf(output, "%s %.15g\n", metric->name, metric->read(state));
        } else if (metric->of_pool != NULL) {
            write_pools(output, metric, state);
        } else if (state->backlog != NULL) {
            (void)fprintf(output, "%s %s\n", metric->name,
                          rows_named(state->backlog, 0, metric->backlog));
        }
    }
}

/* NULL: not without waiting for the database; the other metrics do without. */
static struct rows *read_backlog(const struct state *state)
{
    if (state->pools[0].circuit_open || state->pools[0].idle == 0) {
        return NULL;
    }
    struct session *session = pool_checkout(state->context->pool);
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session != NULL &&
        session_run(session, &statement_webhook_backlog, NULL, &rows, &fault) == STORE_REFUSED) {
        store_fault_clear(&fault);
    }
    pool_checkin(session);
    return rows;
}

static struct state read_state(struct context *context)
{
    struct state state = {.context = context, .pool_count = 1};
    pool_state(context->pool, &state.pools[0]);
    if (context->standby != NULL) {
        standby_state(context->standby, &state.pools[state.pool_count++]);
    }
    state.backlog = read_backlog(&state);
    return state;
}

void metrics_show(struct exchange *exchange)
{
    struct context *context = exchange->context;
    const struct client *client = &exchange->client;
    if (!client->known || !client->direct ||
        !address_in(&client->address, &context->metrics_clients)) {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_fill(exchange->arena, exchange->language, MESSAGE_NO_RESOURCE,
                                   exchange->path, NULL, NULL));
        return;
    }
    const struct state state = read_state(context);
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    write_all(output, &state);
    (void)fclose(output);
    rows_free(state.backlog);
    reply_header(exchange, "Cache-Control", "no-store");
    reply_bytes(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text, length);
}
