#include "http/message/rate_limit.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000 /* microseconds */ };

/* A client stands in one of the places of a set, which its address decides: 65,536 places, 1.5 MB.
 */
enum { SETS = 8192, PLACES = 8, LOCKS = 64 };

/* Used up until a moment: the more requests, the later. One that has passed is as good as none. */
struct bucket {
    struct address client;
    long long until;
};

struct rate_limit {
    long rate;
    long burst;
    long long interval; /* microseconds that one request takes of the rate_limit */
    struct hash_key hash_key;
    pthread_mutex_t locks[LOCKS];
    struct bucket sets[SETS][PLACES];
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

/* The client's bucket; if it has none, that of whoever is through with its rate_limit the soonest.
 */
static struct bucket *place_of(struct bucket set[PLACES], const struct address *client)
{
    struct bucket *oldest = &set[0];
    for (int i = 0; i < PLACES; i++) {
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
    struct rate_limit_result turn =
        take(rate_limit, place_of(rate_limit->sets[set], &network), now);
    (void)pthread_mutex_unlock(lock);
    return turn;
}

long rate_limit_requests(const struct rate_limit *rate_limit)
{
    return rate_limit->burst;
}

long rate_limit_window(const struct rate_limit *rate_limit)
{
    return seconds(rate_limit->burst * rate_limit->interval);
}
