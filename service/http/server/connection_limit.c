#include "http/server/connection_limit.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

/* The percentage of the server's limit above which new connections are marked. */
enum { NEARLY_FULL_PERCENT = 95 };

struct client_count {
    struct client_count *next;
    struct address client;
    int connections;
};

struct connection_limit {
    int per_client;
    int nearly_full;
    int max_connections;
    atomic_int reserved;
    pthread_mutex_t lock;
    struct hash_key hash_key;
    int connections;
    struct client_count *buckets[BUCKETS];
};

struct connection_limit *connection_limit_open(int per_client, int max_connections)
{
    struct connection_limit *limit = memory_allocate(sizeof *limit);
    limit->per_client = per_client;
    limit->max_connections = max_connections;
    limit->nearly_full = (int)((long)max_connections * NEARLY_FULL_PERCENT / 100);
    limit->hash_key = hash_key_make();
    (void)pthread_mutex_init(&limit->lock, NULL);
    return limit;
}

void connection_limit_close(struct connection_limit *limit)
{
    if (limit == NULL) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct client_count *count = limit->buckets[i]; count != NULL;) {
            struct client_count *next = count->next;
            free(count);
            count = next;
        }
    }
    (void)pthread_mutex_destroy(&limit->lock);
    free(limit);
}

bool connection_limit_reserve(struct connection_limit *limit)
{
    bool fits = atomic_fetch_add(&limit->reserved, 1) < limit->max_connections;
    if (!fits) {
        connection_limit_unreserve(limit);
    }
    return fits;
}

void connection_limit_unreserve(struct connection_limit *limit)
{
    (void)atomic_fetch_sub(&limit->reserved, 1);
}

/* The pointer that refers to the client's count, or would. */
static struct client_count **find(struct connection_limit *limit, const struct address *client)
{
    uint64_t hash = hash_bytes(&limit->hash_key, client->bytes, sizeof client->bytes);
    struct client_count **count = &limit->buckets[hash % BUCKETS];
    while (*count != NULL && memcmp(&(*count)->client, client, sizeof *client) != 0) {
        count = &(*count)->next;
    }
    return count;
}

/* Counts a connection for the client; returns how many it has. */
static int count_client(struct connection_limit *limit, const struct address *client)
{
    struct address network = address_network(client);
    struct client_count **count = find(limit, &network);
    if (*count == NULL) {
        *count = memory_allocate(sizeof **count);
        (*count)->client = network;
    }
    return ++(*count)->connections;
}

enum admission connection_limit_acquire(struct connection_limit *limit,
                                        const struct address *client)
{
    bool counts = client != NULL && limit->per_client > 0;
    (void)pthread_mutex_lock(&limit->lock);
    bool nearly_full = ++limit->connections > limit->nearly_full;
    int of_client = counts ? count_client(limit, client) : 0;
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
        struct client_count **link = find(limit, &network);
        struct client_count *count = *link;
        if (count != NULL && --count->connections == 0) {
            *link = count->next;
            free(count);
        }
    }
    (void)pthread_mutex_unlock(&limit->lock);
}
