/* Metrics of requests: counts by route, method and status, durations, cache results, connections.
 * Counters are sharded by processor: counting is a few atomic additions, reading adds up the
 * shards. Requests are counted by the route of the table, never by the path as sent, which bounds
 * the memory. Safe for threads. */
#ifndef ETS144_HTTP_HANDLE_METRICS_H
#define ETS144_HTTP_HANDLE_METRICS_H

#include "http/message/exchange.h"

#include <stddef.h>

enum { METRICS_BUCKETS = 17 };

struct metrics;

/* The table is borrowed. */
struct metrics *metrics_open(const struct route *routes);
void metrics_close(struct metrics *metrics);

/* Counts a finished request; route NULL: it matched no route, or was OPTIONS. */
void metrics_request(struct metrics *metrics, const struct route *route, const char *method,
                     int status, long long microseconds);
void metrics_cache(struct metrics *metrics, enum cache_result result);
/* A connection was opened (1) or closed (-1). */
void metrics_connection(struct metrics *metrics, int change);

/* Counts a connection that was refused because the client or the server was at its limit. */
void metrics_connection_refused(struct metrics *metrics);

/* The counts of one route and method; route "": requests that matched no route. */
struct metrics_series {
    const char *route;
    const char *method;
    unsigned long long buckets[METRICS_BUCKETS]; /* requests that took at most metrics_bound */
    unsigned long long count;
    unsigned long long microseconds;
};

/* Upper bounds in microseconds; 0 for the last bucket, which has no bound. */
long long metrics_bound(size_t bucket);
/* Reads a series by its number, from 0; false: it is beyond the last. */
bool metrics_read_series(const struct metrics *metrics, size_t number,
                         struct metrics_series *series);
/* Reads how many responses of a series had a status; *status: "200", or "other". False: the index
 * is beyond the last status. */
bool metrics_read_status(const struct metrics *metrics, size_t number, size_t index,
                         const char **status, unsigned long long *count);
unsigned long long metrics_read_cache(const struct metrics *metrics, enum cache_result result);
long long metrics_read_connections(const struct metrics *metrics);
unsigned long long metrics_read_connections_refused(const struct metrics *metrics);

#endif
