#include "http/cache/single_flight.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct single_flight {
    pthread_mutex_t lock;
    struct flight *first;
};

struct single_flight *single_flight_open(void)
{
    struct single_flight *flights = memory_allocate(sizeof *flights);
    (void)pthread_mutex_init(&flights->lock, NULL);
    return flights;
}

void single_flight_close(struct single_flight *flights)
{
    (void)pthread_mutex_destroy(&flights->lock);
    free(flights);
}

static struct flight *find(const struct single_flight *flights, const char *key)
{
    struct flight *flight = flights->first;
    while (flight != NULL && strcmp(flight->key, key) != 0) {
        flight = flight->next;
    }
    return flight;
}

bool single_flight_join(struct single_flight *flights, struct flight *flight,
                        struct follower *follower)
{
    (void)pthread_mutex_lock(&flights->lock);
    struct flight *under_way = find(flights, flight->key);
    if (under_way != NULL) {
        follower->next = under_way->followers;
        under_way->followers = follower;
    } else {
        flight->followers = NULL;
        flight->next = flights->first;
        flights->first = flight;
    }
    (void)pthread_mutex_unlock(&flights->lock);
    return under_way == NULL;
}

void single_flight_end(struct single_flight *flights, struct flight *flight)
{
    (void)pthread_mutex_lock(&flights->lock);
    struct flight **link = &flights->first;
    while (*link != flight) {
        link = &(*link)->next;
    }
    *link = flight->next;
    (void)pthread_mutex_unlock(&flights->lock);
    for (struct follower *follower = flight->followers; follower != NULL;) {
        /* The follower may be freed once it is resumed. */
        struct follower *next = follower->next;
        follower->resume(follower);
        follower = next;
    }
}
