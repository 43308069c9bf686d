/* What is counted of requests: how many by route, method and status, how long they took, and what
 * was answered from kept answers. Counting is a few additions to memory that few threads share;
 * reading adds all of it up. Routes are counted as the table has them, never as they were sent, so
 * that the memory is bounded by the table. Safe for threads. */
#ifndef ETS144_HTTP_HANDLE_METRICS_H
#define ETS144_HTTP_HANDLE_METRICS_H

#include "http/message/exchange.h"

#include <stddef.h>

enum { METRICS_BUCKETS = 17 };

struct metrics;

/* The table is borrowed. */
struct metrics *metrics_open(const struct route *routes);
void metrics_close(struct metrics *metrics);

/* Counts a request that was answered; route NULL: it matched none, or was OPTIONS. */
void metrics_request(struct metrics *metrics, const struct route *route, const char *method,
                     int status, long long microseconds);
void metrics_cache(struct metrics *metrics, enum cache_result outcome);
/* A client's connection began (1) or ended (-1). */
void metrics_connection(struct metrics *metrics, int change);

/* One began at a bad time: of a client that has too many, or with the server nearly full. */
void metrics_connection_refused(struct metrics *metrics);

/* What was counted of one route and method; route "": none matched. */
struct metrics_series {
    const char *route;
    const char *method;
    unsigned long long buckets[METRICS_BUCKETS]; /* requests that took at most metrics_bound */
    unsigned long long count;
    unsigned long long microseconds;
};

/* Upper bounds in microseconds; the last bucket has none, and a bound of 0. */
long long metrics_bound(size_t bucket);
/* Reads the series of this number, from 0; false: there is none any more. */
bool metrics_read_series(const struct metrics *metrics, size_t number,
                         struct metrics_series *series);
/* Reads how many answers of a series had a status; status: "200", or "other". False: there is no
 * status of this number any more. */
bool metrics_read_status(const struct metrics *metrics, size_t number, size_t index,
                         const char **status, unsigned long long *count);
unsigned long long metrics_read_cache(const struct metrics *metrics, enum cache_result outcome);
long long metrics_read_connections(const struct metrics *metrics);
unsigned long long metrics_read_connections_refused(const struct metrics *metrics);

#endif
