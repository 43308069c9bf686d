#include "http/cache/lru.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A entry stands in the chain of its bucket and in one of the rows, asked for last first. */
struct entry {
    struct entry *next_in_bucket;
    struct entry *newer;
    struct entry *older;
    struct segment *segment;
    struct ref *value;
    uint64_t hash;
    size_t size; /* with the key */
    char key[];
};

struct segment {
    struct entry *newest;
    struct entry *oldest;
    size_t count;
    size_t bytes;
};

struct lru_cache {
    pthread_mutex_t lock;
    size_t max_entries;
    size_t max_bytes;
    struct segment protected;
    struct segment probation;
    size_t bucket_count;
    struct entry *buckets[];
};

static uint64_t hash_of(const char *key)
{
    return hash_bytes(HASH_BEGINNING, key, strlen(key));
}

struct lru_cache *lru_open(size_t max_entries, size_t max_bytes)
{
    size_t bucket_count = max_entries > 0 ? max_entries : 1;
    struct lru_cache *cache =
        memory_allocate(sizeof *cache + bucket_count * sizeof(struct entry *));
    cache->max_entries = max_entries;
    cache->max_bytes = max_bytes;
    cache->bucket_count = bucket_count;
    (void)pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void unlink_entry(struct entry *entry)
{
    struct segment *segment = entry->segment;
    *(entry->newer != NULL ? &entry->newer->older : &segment->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &segment->oldest) = entry->newer;
    segment->count--;
    segment->bytes -= entry->size;
}

static void link_entry(struct segment *segment, struct entry *entry)
{
    entry->segment = segment;
    entry->newer = NULL;
    entry->older = segment->newest;
    *(segment->newest != NULL ? &segment->newest->newer : &segment->oldest) = entry;
    segment->newest = entry;
    segment->count++;
    segment->bytes += entry->size;
}

/* Where the pointer to the entry is, or would be. */
static struct entry **find(struct lru_cache *cache, const char *key, uint64_t hash)
{
    struct entry **entry = &cache->buckets[hash % cache->bucket_count];
    while (*entry != NULL && ((*entry)->hash != hash || strcmp((*entry)->key, key) != 0)) {
        entry = &(*entry)->next_in_bucket;
    }
    return entry;
}

static void remove(struct lru_cache *cache, struct entry *entry)
{
    *find(cache, entry->key, entry->hash) = entry->next_in_bucket;
    unlink_entry(entry);
    ref_put(entry->value);
    free(entry);
}

void lru_close(struct lru_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    struct segment *const rows[] = {&cache->protected, &cache->probation};
    for (int i = 0; i < 2; i++) {
        while (rows[i]->oldest != NULL) {
            remove(cache, rows[i]->oldest);
        }
    }
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* The protected segment's share, so that what is new always finds a entry. */
static size_t share(size_t whole)
{
    return whole - whole / 4;
}

/* Moves a entry that was asked for again to the protected; what has no room there steps probation.
 */
static void promote(struct lru_cache *cache, struct entry *entry)
{
    struct segment *protected = &cache->protected;
    unlink_entry(entry);
    link_entry(protected, entry);
    while (protected->oldest != entry && (protected->count > share(cache->max_entries) ||
                                          protected->bytes > share(cache->max_bytes))) {
        struct entry *tired = protected->oldest;
        unlink_entry(tired);
        link_entry(&cache->probation, tired);
    }
}

void *lru_get(struct lru_cache *cache, const char *key)
{
    uint64_t hash = hash_of(key);
    (void)pthread_mutex_lock(&cache->lock);
    struct entry *entry = *find(cache, key, hash);
    void *value = NULL;
    if (entry != NULL) {
        if (cache->protected.newest != entry) {
            promote(cache, entry);
        }
        value = ref_get(entry->value);
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return value;
}

static void evict(struct lru_cache *cache, size_t bytes)
{
    while (cache->protected.count + cache->probation.count >= cache->max_entries ||
           cache->protected.bytes + cache->probation.bytes + bytes > cache->max_bytes) {
        /* remove makes another the oldest; the analyzer does not follow the rows that far.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        remove(cache,
               cache->probation.oldest != NULL ? cache->probation.oldest : cache->protected.oldest);
    }
}

static struct entry *entry_make(const char *key, struct ref *value)
{
    size_t length = strlen(key) + 1;
    struct entry *entry = memory_allocate(sizeof *entry + length);
    memcpy(entry->key, key, length);
    entry->hash = hash_of(key);
    entry->value = value;
    entry->size = sizeof *entry + length + value->size;
    return entry;
}

void lru_put(struct lru_cache *cache, const char *key, struct ref *value,
             bool (*may_replace)(const struct ref *present, struct ref *value))
{
    struct entry *entry = entry_make(key, value);
    (void)pthread_mutex_lock(&cache->lock);
    struct entry *present = *find(cache, key, entry->hash);
    bool wanted = present == NULL || may_replace(present->value, value);
    if (!wanted || entry->size > cache->max_bytes || cache->max_entries == 0) {
        free(entry);
    } else {
        struct segment *segment = present != NULL ? present->segment : &cache->probation;
        if (present != NULL) {
            remove(cache, present);
        }
        evict(cache, entry->size);
        (void)ref_get(value);
        struct entry **bucket = &cache->buckets[entry->hash % cache->bucket_count];
        entry->next_in_bucket = *bucket;
        *bucket = entry;
        link_entry(segment, entry);
    }
    (void)pthread_mutex_unlock(&cache->lock);
}

size_t lru_count(struct lru_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    size_t count = cache->protected.count + cache->probation.count;
    (void)pthread_mutex_unlock(&cache->lock);
    return count;
}

size_t lru_bytes(struct lru_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->protected.bytes + cache->probation.bytes;
    (void)pthread_mutex_unlock(&cache->lock);
    return bytes;
}
