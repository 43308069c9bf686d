#include "http/crowd.h"

#include "hash.h"
#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

/* The part of what the server can hold from which on new connections are told, in hundredths. */
enum { NEARLY_FULL = 95 };

struct member {
    struct member *next;
    struct address client;
    int connections;
};

struct crowd {
    int most_of_client;
    int nearly_full;
    pthread_mutex_t lock;
    int connections;
    struct member *buckets[BUCKETS];
};

struct crowd *crowd_open(int most_of_client, int most)
{
    struct crowd *crowd = memory_allocate(sizeof *crowd);
    crowd->most_of_client = most_of_client;
    crowd->nearly_full = (int)((long)most * NEARLY_FULL / 100);
    (void)pthread_mutex_init(&crowd->lock, NULL);
    return crowd;
}

void crowd_close(struct crowd *crowd)
{
    if (crowd == NULL) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct member *member = crowd->buckets[i]; member != NULL;) {
            struct member *next = member->next;
            free(member);
            member = next;
        }
    }
    (void)pthread_mutex_destroy(&crowd->lock);
    free(crowd);
}

/* Where the client's member hangs, or would. */
static struct member **place_of(struct crowd *crowd, const struct address *client)
{
    uint64_t hash = hash_bytes(HASH_BEGINNING, client->bytes, sizeof client->bytes);
    struct member **place = &crowd->buckets[hash % BUCKETS];
    while (*place != NULL && memcmp(&(*place)->client, client, sizeof *client) != 0) {
        place = &(*place)->next;
    }
    return place;
}

/* One more connection of the client; answers how many it has. */
static int count(struct crowd *crowd, const struct address *client)
{
    struct address network = address_network(client);
    struct member **place = place_of(crowd, &network);
    if (*place == NULL) {
        *place = memory_allocate(sizeof **place);
        (*place)->client = network;
    }
    return ++(*place)->connections;
}

enum crowding crowd_enter(struct crowd *crowd, const struct address *client)
{
    bool counts = client != NULL && crowd->most_of_client > 0;
    (void)pthread_mutex_lock(&crowd->lock);
    bool nearly_full = ++crowd->connections > crowd->nearly_full;
    int of_client = counts ? count(crowd, client) : 0;
    (void)pthread_mutex_unlock(&crowd->lock);
    if (of_client > 2 * crowd->most_of_client) {
        return CROWDING_TOO_MUCH;
    }
    if (of_client > crowd->most_of_client) {
        return CROWDING_CLIENT;
    }
    return nearly_full ? CROWDING_SERVER : CROWDING_NONE;
}

void crowd_leave(struct crowd *crowd, const struct address *client)
{
    (void)pthread_mutex_lock(&crowd->lock);
    crowd->connections--;
    if (client != NULL && crowd->most_of_client > 0) {
        struct address network = address_network(client);
        struct member **place = place_of(crowd, &network);
        struct member *member = *place;
        if (member != NULL && --member->connections == 0) {
            *place = member->next;
            free(member);
        }
    }
    (void)pthread_mutex_unlock(&crowd->lock);
}
