#include "http/shelf.h"

#include "hash.h"
#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A place stands in the chain of its bucket and in one of the rows, asked for last first. */
struct place {
    struct place *next_in_bucket;
    struct place *newer;
    struct place *older;
    struct row *row;
    struct thing *thing;
    uint64_t hash;
    size_t size; /* with the name */
    char name[];
};

struct row {
    struct place *newest;
    struct place *oldest;
    size_t count;
    size_t bytes;
};

struct shelf {
    pthread_mutex_t lock;
    size_t most_things;
    size_t most_bytes;
    struct row front;
    struct row back;
    size_t bucket_count;
    struct place *buckets[];
};

void thing_begin(struct thing *thing, size_t size, void (*destroy)(struct thing *thing))
{
    atomic_init(&thing->holders, 1);
    thing->size = size;
    thing->destroy = destroy;
}

void *thing_hold(struct thing *thing)
{
    (void)atomic_fetch_add_explicit(&thing->holders, 1, memory_order_relaxed);
    return thing;
}

void thing_release(struct thing *thing)
{
    if (thing != NULL && atomic_fetch_sub_explicit(&thing->holders, 1, memory_order_acq_rel) == 1) {
        thing->destroy(thing);
    }
}

static uint64_t hash_of(const char *name)
{
    return hash_bytes(HASH_BEGINNING, name, strlen(name));
}

struct shelf *shelf_open(size_t most_things, size_t most_bytes)
{
    size_t bucket_count = most_things > 0 ? most_things : 1;
    struct shelf *shelf = memory_allocate(sizeof *shelf + bucket_count * sizeof(struct place *));
    shelf->most_things = most_things;
    shelf->most_bytes = most_bytes;
    shelf->bucket_count = bucket_count;
    (void)pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

static void row_leave(struct place *place)
{
    struct row *row = place->row;
    *(place->newer != NULL ? &place->newer->older : &row->newest) = place->older;
    *(place->older != NULL ? &place->older->newer : &row->oldest) = place->newer;
    row->count--;
    row->bytes -= place->size;
}

static void row_enter(struct row *row, struct place *place)
{
    place->row = row;
    place->newer = NULL;
    place->older = row->newest;
    *(row->newest != NULL ? &row->newest->newer : &row->oldest) = place;
    row->newest = place;
    row->count++;
    row->bytes += place->size;
}

/* Where the pointer to the place is, or would be. */
static struct place **find(struct shelf *shelf, const char *name, uint64_t hash)
{
    struct place **place = &shelf->buckets[hash % shelf->bucket_count];
    while (*place != NULL && ((*place)->hash != hash || strcmp((*place)->name, name) != 0)) {
        place = &(*place)->next_in_bucket;
    }
    return place;
}

static void clear(struct shelf *shelf, struct place *place)
{
    *find(shelf, place->name, place->hash) = place->next_in_bucket;
    row_leave(place);
    thing_release(place->thing);
    free(place);
}

void shelf_close(struct shelf *shelf)
{
    if (shelf == NULL) {
        return;
    }
    struct row *const rows[] = {&shelf->front, &shelf->back};
    for (int i = 0; i < 2; i++) {
        while (rows[i]->oldest != NULL) {
            clear(shelf, rows[i]->oldest);
        }
    }
    (void)pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

/* The front row's share, so that what is new always finds a place. */
static size_t share(size_t whole)
{
    return whole - whole / 4;
}

/* Moves a place that was asked for again to the front; what has no room there steps back. */
static void step_forward(struct shelf *shelf, struct place *place)
{
    struct row *front = &shelf->front;
    row_leave(place);
    row_enter(front, place);
    while (front->oldest != place &&
           (front->count > share(shelf->most_things) || front->bytes > share(shelf->most_bytes))) {
        struct place *tired = front->oldest;
        row_leave(tired);
        row_enter(&shelf->back, tired);
    }
}

void *shelf_find(struct shelf *shelf, const char *name)
{
    uint64_t hash = hash_of(name);
    (void)pthread_mutex_lock(&shelf->lock);
    struct place *place = *find(shelf, name, hash);
    void *thing = NULL;
    if (place != NULL) {
        if (shelf->front.newest != place) {
            step_forward(shelf, place);
        }
        thing = thing_hold(place->thing);
    }
    (void)pthread_mutex_unlock(&shelf->lock);
    return thing;
}

static void make_room(struct shelf *shelf, size_t bytes)
{
    while (shelf->front.count + shelf->back.count >= shelf->most_things ||
           shelf->front.bytes + shelf->back.bytes + bytes > shelf->most_bytes) {
        /* clear makes another the oldest; the analyzer does not follow the rows that far.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        clear(shelf, shelf->back.oldest != NULL ? shelf->back.oldest : shelf->front.oldest);
    }
}

static struct place *place_for(const char *name, struct thing *thing)
{
    size_t length = strlen(name) + 1;
    struct place *place = memory_allocate(sizeof *place + length);
    memcpy(place->name, name, length);
    place->hash = hash_of(name);
    place->thing = thing;
    place->size = sizeof *place + length + thing->size;
    return place;
}

void shelf_put(struct shelf *shelf, const char *name, struct thing *thing,
               bool (*may_replace)(const struct thing *present, struct thing *thing))
{
    struct place *place = place_for(name, thing);
    (void)pthread_mutex_lock(&shelf->lock);
    struct place *present = *find(shelf, name, place->hash);
    bool wanted = present == NULL || may_replace(present->thing, thing);
    if (!wanted || place->size > shelf->most_bytes || shelf->most_things == 0) {
        free(place);
    } else {
        struct row *row = present != NULL ? present->row : &shelf->back;
        if (present != NULL) {
            clear(shelf, present);
        }
        make_room(shelf, place->size);
        (void)thing_hold(thing);
        struct place **bucket = &shelf->buckets[place->hash % shelf->bucket_count];
        place->next_in_bucket = *bucket;
        *bucket = place;
        row_enter(row, place);
    }
    (void)pthread_mutex_unlock(&shelf->lock);
}

size_t shelf_count(struct shelf *shelf)
{
    (void)pthread_mutex_lock(&shelf->lock);
    size_t count = shelf->front.count + shelf->back.count;
    (void)pthread_mutex_unlock(&shelf->lock);
    return count;
}

size_t shelf_bytes(struct shelf *shelf)
{
    (void)pthread_mutex_lock(&shelf->lock);
    size_t bytes = shelf->front.bytes + shelf->back.bytes;
    (void)pthread_mutex_unlock(&shelf->lock);
    return bytes;
}
