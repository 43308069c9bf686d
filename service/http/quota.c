#include "http/quota.h"

#include "hash.h"
#include "memory.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000 /* microseconds */ };

/* A client stands in one of the places of a set, which its address decides: 65,536 places, 1.5 MB.
 */
enum { SETS = 8192, PLACES = 8, LOCKS = 64 };

/* Used up until a moment: the more requests, the later. One that has passed is as good as none. */
struct place {
    struct address client;
    long long until;
};

struct quota {
    long rate;
    long burst;
    long long interval; /* microseconds that one request takes of the quota */
    uint64_t seed;      /* so that nobody outside can tell which clients share a set */
    pthread_mutex_t locks[LOCKS];
    struct place sets[SETS][PLACES];
};

struct quota *quota_open(long rate, long burst)
{
    if (rate == 0) {
        return NULL;
    }
    struct quota *quota = memory_allocate(sizeof *quota);
    quota->rate = rate;
    quota->burst = burst;
    quota->interval = SECOND / rate;
    (void)gnutls_rnd(GNUTLS_RND_NONCE, &quota->seed, sizeof quota->seed);
    for (int i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_init(&quota->locks[i], NULL);
    }
    return quota;
}

void quota_close(struct quota *quota)
{
    if (quota == NULL) {
        return;
    }
    for (int i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_destroy(&quota->locks[i]);
    }
    free(quota);
}

/* By a hash with a secret beginning, its halves folded. */
static size_t set_of(const struct quota *quota, const struct address *client)
{
    uint64_t hash = hash_bytes(quota->seed, client->bytes, sizeof client->bytes);
    return (size_t)((hash ^ (hash >> 32)) % SETS);
}

/* The client's place; if it has none, that of whoever is through with its quota the soonest. */
static struct place *place_of(struct place set[PLACES], const struct address *client)
{
    struct place *oldest = &set[0];
    for (int i = 0; i < PLACES; i++) {
        if (memcmp(&set[i].client, client, sizeof *client) == 0) {
            return &set[i];
        }
        if (set[i].until < oldest->until) {
            oldest = &set[i];
        }
    }
    *oldest = (struct place){.client = *client};
    return oldest;
}

static long seconds(long long microseconds)
{
    return (long)((microseconds + SECOND - 1) / SECOND);
}

static struct quota_turn take(const struct quota *quota, struct place *place, long long now)
{
    long long until = (place->until > now ? place->until : now) + quota->interval;
    long long over = until - now - quota->burst * quota->interval;
    if (over > 0) {
        return (struct quota_turn){
            .granted = false, .reset = seconds(place->until - now), .retry = seconds(over)};
    }
    place->until = until;
    return (struct quota_turn){
        .granted = true, .left = (long)(-over / quota->interval), .reset = seconds(until - now)};
}

struct quota_turn quota_take(struct quota *quota, const struct address *client, long long now)
{
    struct address network = address_network(client);
    size_t set = set_of(quota, &network);
    pthread_mutex_t *lock = &quota->locks[set % LOCKS];
    (void)pthread_mutex_lock(lock);
    struct quota_turn turn = take(quota, place_of(quota->sets[set], &network), now);
    (void)pthread_mutex_unlock(lock);
    return turn;
}

long quota_requests(const struct quota *quota)
{
    return quota->burst;
}

long quota_window(const struct quota *quota)
{
    return seconds(quota->burst * quota->interval);
}
