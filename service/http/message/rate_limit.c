#include "http/message/rate_limit.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000 /* microseconds */ };

/* A set-associative table: a client's address decides the set, and its bucket is one of the set's.
 * 65,536 buckets, 1.5 MB. */
enum { SETS = 8192, BUCKETS = 8, LOCKS = 64 };

/* GCRA's theoretical arrival time: each request moves it on by an interval. A bucket whose time has
 * passed is full again. */
struct bucket {
    struct address client;
    long long until; /* clock_microseconds */
};

struct rate_limit {
    long rate;
    long burst;
    long long interval; /* microseconds for a request at the sustained rate */
    struct hash_key hash_key;
    pthread_mutex_t locks[LOCKS];
    struct bucket sets[SETS][BUCKETS];
};

struct rate_limit *rate_limit_open(long rate, long burst)
{
    if (rate == 0) {
        return NULL;
    }
    struct rate_limit *rate_limit = memory_allocate(sizeof *rate_limit);
    rate_limit->rate = rate;
    rate_limit->burst = burst;
    rate_limit->interval = SECOND / rate;
    rate_limit->hash_key = hash_key_make();
    for (int i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_init(&rate_limit->locks[i], NULL);
    }
    return rate_limit;
}

void rate_limit_close(struct rate_limit *rate_limit)
{
    if (rate_limit == NULL) {
        return;
    }
    for (int i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_destroy(&rate_limit->locks[i]);
    }
    free(rate_limit);
}

static size_t set_of(const struct rate_limit *rate_limit, const struct address *client)
{
    uint64_t hash = hash_bytes(&rate_limit->hash_key, client->bytes, sizeof client->bytes);
    return (size_t)(hash % SETS);
}

/* The client's bucket; without one, the bucket of the set that is full the soonest. */
static struct bucket *bucket_of(struct bucket set[BUCKETS], const struct address *client)
{
    struct bucket *oldest = &set[0];
    for (int i = 0; i < BUCKETS; i++) {
        if (memcmp(&set[i].client, client, sizeof *client) == 0) {
            return &set[i];
        }
        if (set[i].until < oldest->until) {
            oldest = &set[i];
        }
    }
    *oldest = (struct bucket){.client = *client};
    return oldest;
}

static long seconds(long long microseconds)
{
    return (long)((microseconds + SECOND - 1) / SECOND);
}

static struct rate_limit_result take(const struct rate_limit *rate_limit, struct bucket *bucket,
                                     long long now)
{
    long long until = (bucket->until > now ? bucket->until : now) + rate_limit->interval;
    long long over = until - now - rate_limit->burst * rate_limit->interval;
    if (over > 0) {
        return (struct rate_limit_result){
            .granted = false, .reset = seconds(bucket->until - now), .retry = seconds(over)};
    }
    bucket->until = until;
    return (struct rate_limit_result){.granted = true,
                                      .left = (long)(-over / rate_limit->interval),
                                      .reset = seconds(until - now)};
}

struct rate_limit_result rate_limit_take(struct rate_limit *rate_limit,
                                         const struct address *client, long long now)
{
    struct address network = address_network(client);
    size_t set = set_of(rate_limit, &network);
    pthread_mutex_t *lock = &rate_limit->locks[set % LOCKS];
    (void)pthread_mutex_lock(lock);
    struct rate_limit_result result =
        take(rate_limit, bucket_of(rate_limit->sets[set], &network), now);
    (void)pthread_mutex_unlock(lock);
    return result;
}

long rate_limit_requests(const struct rate_limit *rate_limit)
{
    return rate_limit->burst;
}

long rate_limit_window(const struct rate_limit *rate_limit)
{
    return seconds(rate_limit->burst * rate_limit->interval);
}
