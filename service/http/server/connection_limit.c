#include "http/server/connection_limit.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

/* The part of what the server can hold from which on new connections are told, in hundredths. */
enum { NEARLY_FULL = 95 };

struct client_count {
    struct client_count *next;
    struct address client;
    int connections;
};

struct connection_limit {
    int per_client;
    int nearly_full;
    pthread_mutex_t lock;
    int connections;
    struct client_count *buckets[BUCKETS];
};

struct connection_limit *connection_limit_open(int per_client, int most)
{
    struct connection_limit *limit = memory_allocate(sizeof *limit);
    limit->per_client = per_client;
    limit->nearly_full = (int)((long)most * NEARLY_FULL / 100);
    (void)pthread_mutex_init(&limit->lock, NULL);
    return limit;
}

void connection_limit_close(struct connection_limit *limit)
{
    if (limit == NULL) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct client_count *client_count = limit->buckets[i]; client_count != NULL;) {
            struct client_count *next = client_count->next;
            free(client_count);
            client_count = next;
        }
    }
    (void)pthread_mutex_destroy(&limit->lock);
    free(limit);
}

/* Where the client's client_count hangs, or would. */
static struct client_count **slot_of(struct connection_limit *limit, const struct address *client)
{
    uint64_t hash = hash_bytes(HASH_BEGINNING, client->bytes, sizeof client->bytes);
    struct client_count **slot = &limit->buckets[hash % BUCKETS];
    while (*slot != NULL && memcmp(&(*slot)->client, client, sizeof *client) != 0) {
        slot = &(*slot)->next;
    }
    return slot;
}

/* One more connection of the client; answers how many it has. */
static int count(struct connection_limit *limit, const struct address *client)
{
    struct address network = address_network(client);
    struct client_count **slot = slot_of(limit, &network);
    if (*slot == NULL) {
        *slot = memory_allocate(sizeof **slot);
        (*slot)->client = network;
    }
    return ++(*slot)->connections;
}

enum admission connection_limit_acquire(struct connection_limit *limit,
                                        const struct address *client)
{
    bool counts = client != NULL && limit->per_client > 0;
    (void)pthread_mutex_lock(&limit->lock);
    bool nearly_full = ++limit->connections > limit->nearly_full;
    int of_client = counts ? count(limit, client) : 0;
    (void)pthread_mutex_unlock(&limit->lock);
    if (of_client > 2 * limit->per_client) {
        return ADMISSION_DROP;
    }
    if (of_client > limit->per_client) {
        return ADMISSION_CLIENT_FULL;
    }
    return nearly_full ? ADMISSION_SERVER_FULL : ADMISSION_GRANTED;
}

void connection_limit_release(struct connection_limit *limit, const struct address *client)
{
    (void)pthread_mutex_lock(&limit->lock);
    limit->connections--;
    if (client != NULL && limit->per_client > 0) {
        struct address network = address_network(client);
        struct client_count **slot = slot_of(limit, &network);
        struct client_count *client_count = *slot;
        if (client_count != NULL && --client_count->connections == 0) {
            *slot = client_count->next;
            free(client_count);
        }
    }
    (void)pthread_mutex_unlock(&limit->lock);
}
