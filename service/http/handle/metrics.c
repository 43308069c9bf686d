#include "http/handle/metrics.h"

#include "base/memory.h"
#include "http/request/route.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Counters are sharded by processor, so that threads seldom write to the same cache line. */
enum { SHARDS = 8, CACHE_LINE = 64 };

static const struct {
    int number;
    const char *text;
} statuses[] = {
    {200, "200"}, {201, "201"}, {202, "202"}, {204, "204"}, {303, "303"}, {304, "304"},
    {400, "400"}, {401, "401"}, {403, "403"}, {404, "404"}, {405, "405"}, {406, "406"},
    {409, "409"}, {410, "410"}, {412, "412"}, {413, "413"}, {414, "414"}, {415, "415"},
    {422, "422"}, {428, "428"}, {429, "429"}, {431, "431"}, {500, "500"}, {503, "503"},
    {505, "505"}, {0, "other"},
};
enum { STATUSES = sizeof statuses / sizeof statuses[0] };

/* Methods of requests that match no route; the last is for any other. */
static const char *const methods[] = {"GET",   "HEAD",   "POST",    "PUT",
                                      "PATCH", "DELETE", "OPTIONS", "other"};
enum { METHODS = sizeof methods / sizeof methods[0] };

/* In microseconds: a cache hit takes tens, a write thousands. */
static const long long bounds[METRICS_BUCKETS] = {50,     100,     250,     500,     1000,   2500,
                                                  5000,   10000,   25000,   50000,   100000, 250000,
                                                  500000, 1000000, 2500000, 5000000, 0};

typedef atomic_ullong counter;

struct cell {
    counter statuses[STATUSES];
    counter buckets[METRICS_BUCKETS];
    counter microseconds;
};

struct metrics {
    const struct route *routes;
    size_t route_count;
    size_t series_count;
    atomic_llong connections;
    counter connections_refused;
    struct cell *cells;                                          /* SHARDS times series_count */
    counter cache_results[SHARDS][CACHE_LINE / sizeof(counter)]; /* by enum cache_result */
};

struct metrics *metrics_open(const struct route *routes)
{
    struct metrics *metrics = memory_allocate(sizeof *metrics);
    metrics->routes = routes;
    while (routes[metrics->route_count].method != NULL) {
        metrics->route_count++;
    }
    /* Each route counts two series: its method, and HEAD. */
    metrics->series_count = 2 * metrics->route_count + METHODS;
    metrics->cells = memory_allocate(SHARDS * metrics->series_count * sizeof(struct cell));
    return metrics;
}

void metrics_close(struct metrics *metrics)
{
    if (metrics != NULL) {
        free(metrics->cells);
        free(metrics);
    }
}

static size_t method_index(const char *method)
{
    size_t index = 0;
    while (index < METHODS - 1 && strcmp(methods[index], method) != 0) {
        index++;
    }
    return index;
}

static size_t series_of(const struct metrics *metrics, const struct route *route,
                        const char *method)
{
    if (route == NULL) {
        return 2 * metrics->route_count + method_index(method);
    }
    return 2 * (size_t)(route - metrics->routes) + (strcmp(method, "HEAD") == 0 ? 1 : 0);
}

static size_t status_index(int status)
{
    size_t index = 0;
    while (index < STATUSES - 1 && statuses[index].number != status) {
        index++;
    }
    return index;
}

static size_t bucket_of(long long microseconds)
{
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS - 1 && microseconds > bounds[bucket]) {
        bucket++;
    }
    return bucket;
}

static void add(counter *to, unsigned long long amount)
{
    (void)atomic_fetch_add_explicit(to, amount, memory_order_relaxed);
}

static size_t own_shard(void)
{
    int processor = sched_getcpu();
    return processor < 0 ? 0 : (size_t)processor % SHARDS;
}

void metrics_request(struct metrics *metrics, const struct route *route, const char *method,
                     int status, long long microseconds)
{
    struct cell *cell =
        &metrics->cells[own_shard() * metrics->series_count + series_of(metrics, route, method)];
    add(&cell->statuses[status_index(status)], 1);
    add(&cell->buckets[bucket_of(microseconds)], 1);
    add(&cell->microseconds, (unsigned long long)microseconds);
}

void metrics_cache(struct metrics *metrics, enum cache_result result)
{
    if (result != CACHE_NOT_USED) {
        add(&metrics->cache_results[own_shard()][result], 1);
    }
}

void metrics_connection(struct metrics *metrics, int change)
{
    (void)atomic_fetch_add_explicit(&metrics->connections, change, memory_order_relaxed);
}

void metrics_connection_refused(struct metrics *metrics)
{
    add(&metrics->connections_refused, 1);
}

long long metrics_bound(size_t bucket)
{
    return bounds[bucket];
}

static unsigned long long value(const counter *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static const struct cell *cell_at(const struct metrics *metrics, size_t shard, size_t number)
{
    return &metrics->cells[shard * metrics->series_count + number];
}

static void name_series(const struct metrics *metrics, size_t number, struct metrics_series *series)
{
    if (number >= 2 * metrics->route_count) {
        series->route = "";
        series->method = methods[number - 2 * metrics->route_count];
        return;
    }
    const struct route *route = &metrics->routes[number / 2];
    series->route = route->path;
    series->method = number % 2 == 0 ? route->method : "HEAD";
}

bool metrics_read_series(const struct metrics *metrics, size_t number,
                         struct metrics_series *series)
{
    if (number >= metrics->series_count) {
        return false;
    }
    *series = (struct metrics_series){.route = NULL};
    name_series(metrics, number, series);
    for (size_t shard = 0; shard < SHARDS; shard++) {
        const struct cell *cell = cell_at(metrics, shard, number);
        for (size_t bucket = 0; bucket < METRICS_BUCKETS; bucket++) {
            unsigned long long requests = value(&cell->buckets[bucket]);
            series->buckets[bucket] += requests;
            series->count += requests;
        }
        series->microseconds += value(&cell->microseconds);
    }
    for (size_t bucket = 1; bucket < METRICS_BUCKETS; bucket++) {
        series->buckets[bucket] += series->buckets[bucket - 1];
    }
    return true;
}

bool metrics_read_status(const struct metrics *metrics, size_t number, size_t index,
                         const char **status, unsigned long long *count)
{
    if (index >= STATUSES) {
        return false;
    }
    *status = statuses[index].text;
    *count = 0;
    for (size_t shard = 0; shard < SHARDS; shard++) {
        *count += value(&cell_at(metrics, shard, number)->statuses[index]);
    }
    return true;
}

unsigned long long metrics_read_cache(const struct metrics *metrics, enum cache_result result)
{
    unsigned long long sum = 0;
    for (size_t shard = 0; shard < SHARDS; shard++) {
        sum += value(&metrics->cache_results[shard][result]);
    }
    return sum;
}

long long metrics_read_connections(const struct metrics *metrics)
{
    return atomic_load_explicit(&metrics->connections, memory_order_relaxed);
}

unsigned long long metrics_read_connections_refused(const struct metrics *metrics)
{
    return value(&metrics->connections_refused);
}
