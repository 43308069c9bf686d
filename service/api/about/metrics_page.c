/* GET /metrics in the text exposition format 0.0.4 of Prometheus. A metric is a row of `metrics`.
 */
#include "http/handle/metrics.h"

#include "api/handlers.h"
#include "base/memory.h"
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

/* Values that are read once for all metrics. */
struct state {
    struct context *context;
    struct pool_state pool;
    struct rows *backlog; /* of webhooks; NULL: not available, and its metrics are left out */
};

struct metric {
    const char *name;
    const char *type;
    const char *help;
    /* Exactly one of the three is set: writes all lines of a metric with labels, reads the value of
     * a metric without, or names the column of the backlog. */
    void (*write)(FILE *output, const struct metric *metric, const struct state *state);
    double (*read)(const struct state *state);
    const char *backlog;
};

enum { MICROSECONDS = 1000000 };

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
                (void)snprintf(bound, sizeof bound, "%g", (double)metrics_bound(i) / MICROSECONDS);
            }
            (void)fprintf(output, "%s_bucket{route=\"%s\",method=\"%s\",le=\"%s\"} %llu\n",
                          metric->name, series.route, series.method, bound, series.buckets[i]);
        }
        (void)fprintf(output, "%s_sum{route=\"%s\",method=\"%s\"} %.6f\n", metric->name,
                      series.route, series.method, (double)series.microseconds / MICROSECONDS);
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
    const struct pool_state *pool = &state->pool;
    const struct {
        const char *name;
        int count;
    } sessions[] = {{"busy", pool->busy},
                    {"idle", pool->idle},
                    {"closed", pool->size - pool->busy - pool->idle}};
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        (void)fprintf(output, "%s{state=\"%s\"} %d\n", metric->name, sessions[i].name,
                      sessions[i].count);
    }
}

static void write_statements(FILE *output, const struct metric *metric, const struct state *state)
{
    (void)fprintf(output, "%s_sum %.6f\n%s_count %llu\n", metric->name,
                  (double)state->pool.microseconds / MICROSECONDS, metric->name,
                  state->pool.statements);
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
    const struct pool_state *pool = &state->pool;
    return !pool->circuit_open && pool->busy + pool->idle > 0 &&
                   revisions_current(state->context->revisions) >= 0
               ? 1
               : 0;
}

static double sessions_waiting(const struct state *state)
{
    return state->pool.waiting;
}

static double checkouts_refused(const struct state *state)
{
    return (double)state->pool.refused;
}

static double statements_failed(const struct state *state)
{
    return (double)state->pool.failed;
}

static double revision(const struct state *state)
{
    return (double)revisions_newest(state->context->revisions);
}

static double heartbeat_age(const struct state *state)
{
    return (double)revisions_heartbeat_age_ms(state->context->revisions) / 1000;
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
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / MICROSECONDS;
}

static double resident_memory(const struct state *state)
{
    (void)state;
    char line[128];
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL && fgets(line, sizeof line, file) != NULL) {
        /* The second number counts resident pages. */
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
    enum { NOT_COUNTED = 3 /* ".", "..", and the folder itself */ };
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    if (folder != NULL) {
        /* Each call has a DIR of its own. NOLINTNEXTLINE(concurrency-mt-unsafe) */
        while (readdir(folder) != NULL) {
            count++;
        }
        (void)closedir(folder);
    }
    return count > NOT_COUNTED ? count - NOT_COUNTED : 0;
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
    {"ets144_build_info", "gauge", "The version of the service and the schema it was built for.",
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
     "Requests to cacheable routes: served from the cache (hit), by a handler (miss), or from the "
     "cache while the database was unavailable (stale).",
     .write = write_cache_requests},
    {"ets144_cache_entries", "gauge", "Cached responses.", .read = cache_entries},
    {"ets144_cache_bytes", "gauge", "Memory of cached responses.", .read = cache_bytes},
    {"ets144_database_up", "gauge", "Whether the database answers (1) or not (0).",
     .read = database_up},
    {"ets144_database_sessions", "gauge", "Sessions of the pool, by state.",
     .write = write_sessions},
    {"ets144_database_sessions_waiting", "gauge", "Requests waiting for a session.",
     .read = sessions_waiting},
    {"ets144_database_sessions_refused_total", "counter",
     "Requests refused because no session was free in time or the circuit was open.",
     .read = checkouts_refused},
    {"ets144_database_statement_duration_seconds", "summary",
     "Duration of statements, including the round trip.", .write = write_statements},
    {"ets144_database_statement_failures_total", "counter",
     "Statements that the database did not answer or could not serve.", .read = statements_failed},
    {"ets144_revision", "gauge", "Newest revision of the register known here.", .read = revision},
    {"ets144_revision_heartbeat_age_seconds", "gauge",
     "Time since the database last reported its newest revision.", .read = heartbeat_age},
    {"ets144_tls_certificate_not_after_timestamp_seconds", "gauge",
     "End of validity of the TLS certificate, in seconds since 1970; missing without TLS.",
     .write = write_certificate},
    {"ets144_webhooks", "gauge", "Webhooks, by state.", .write = write_webhooks},
    {"ets144_webhooks_failing", "gauge", "Enabled webhooks whose last attempt failed.",
     .backlog = "failing"},
    {"ets144_webhook_deliveries_waiting", "gauge",
     "Changes still to deliver, counted up to 1000 for each webhook.", .backlog = "waiting"},
    {"ets144_webhook_oldest_waiting_seconds", "gauge", "Age of the oldest change still to deliver.",
     .backlog = "oldest_seconds"},
    {"ets144_webhook_dead_letters", "gauge", "Changes whose delivery was given up.",
     .backlog = "dead_letters"},
    {"process_cpu_seconds_total", "counter", "User and system CPU time.",
     .read = processor_seconds},
    {"process_resident_memory_bytes", "gauge", "Resident memory.", .read = resident_memory},
    {"process_open_fds", "gauge", "Open file descriptors.", .read = open_files},
    {"process_max_fds", "gauge", "Limit of open file descriptors.", .read = max_files},
    {"process_start_time_seconds", "gauge", "Start time of the process, in seconds since 1970.",
     .read = started},
};

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
        } else if (state->backlog != NULL) {
            (void)fprintf(output, "%s %s\n", metric->name,
                          rows_named(state->backlog, 0, metric->backlog));
        }
    }
}

/* The backlog of webhooks, which the caller frees; NULL: not available without waiting. */
static struct rows *read_backlog(const struct state *state)
{
    if (state->pool.circuit_open || state->pool.idle == 0) {
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
    struct state state = {.context = context};
    pool_state(context->pool, &state.pool);
    state.backlog = read_backlog(&state);
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    write_all(output, &state);
    (void)fclose(output);
    rows_free(state.backlog);
    reply_header(exchange, "Cache-Control", "no-store");
    reply_bytes(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text, length);
}
