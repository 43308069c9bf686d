#include "http/cache/lru.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct segment;

/* An entry is in the chain of its bucket and in the list of its segment. */
struct entry {
    struct entry *next_in_bucket;
    struct entry *newer;
    struct entry *older;
    struct segment *segment;
    struct lru_value *value;
    uint64_t hash;
    size_t size; /* bytes of the entry, its key and its value */
    char key[];
};

/* A list of entries in the order of their last use. */
struct segment {
    struct entry *newest;
    struct entry *oldest;
    size_t count;
    size_t bytes;
};

struct lru_cache {
    pthread_mutex_t lock;
    struct hash_key hash_key;
    size_t max_entries;
    size_t max_bytes;
    size_t bytes; /* of all entries, with the shared parts of their values */
    struct segment protected;
    struct segment probation;
    size_t bucket_count;
    struct entry *buckets[];
};

struct lru_cache *lru_open(size_t max_entries, size_t max_bytes)
{
    size_t bucket_count = max_entries > 0 ? max_entries : 1;
    struct lru_cache *cache =
        memory_allocate(sizeof *cache + bucket_count * sizeof(struct entry *));
    cache->hash_key = hash_key_make();
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

/* The pointer that refers to the entry, or would. */
static struct entry **find(struct lru_cache *cache, const char *key, uint64_t hash)
{
    struct entry **entry = &cache->buckets[hash % cache->bucket_count];
    while (*entry != NULL && ((*entry)->hash != hash || strcmp((*entry)->key, key) != 0)) {
        entry = &(*entry)->next_in_bucket;
    }
    return entry;
}

/* The bytes that the value would add; a part that is counted already adds nothing. */
static size_t cost(const struct lru_value *value)
{
    if (value == NULL || value->uses > 0) {
        return 0;
    }
    return value->size + cost(value->part);
}

static void use(struct lru_cache *cache, struct lru_value *value)
{
    if (value != NULL && value->uses++ == 0) {
        cache->bytes += value->size;
        use(cache, value->part);
    }
}

static void end_use(struct lru_cache *cache, struct lru_value *value)
{
    if (value != NULL && --value->uses == 0) {
        cache->bytes -= value->size;
        end_use(cache, value->part);
    }
}

static size_t overhead(const struct entry *entry)
{
    return entry->size - entry->value->size;
}

static void remove_entry(struct lru_cache *cache, struct entry *entry)
{
    *find(cache, entry->key, entry->hash) = entry->next_in_bucket;
    unlink_entry(entry);
    cache->bytes -= overhead(entry);
    end_use(cache, entry->value);
    ref_put(&entry->value->ref);
    free(entry);
}

void lru_close(struct lru_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    struct segment *const segments[] = {&cache->protected, &cache->probation};
    for (int i = 0; i < 2; i++) {
        while (segments[i]->oldest != NULL) {
            remove_entry(cache, segments[i]->oldest);
        }
    }
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* The protected segment's share of a limit. */
static size_t protected_share(size_t whole)
{
    return whole - whole / 4;
}

/* Moves an entry to the protected segment; entries beyond its share go back to probation. */
static void promote(struct lru_cache *cache, struct entry *entry)
{
    struct segment *protected = &cache->protected;
    unlink_entry(entry);
    link_entry(protected, entry);
    while (protected->oldest != entry && (protected->count > protected_share(cache->max_entries) ||
                                          protected->bytes > protected_share(cache->max_bytes))) {
        struct entry *demoted = protected->oldest;
        unlink_entry(demoted);
        link_entry(&cache->probation, demoted);
    }
}

void *lru_get(struct lru_cache *cache, const char *key)
{
    uint64_t hash = hash_bytes(&cache->hash_key, key, strlen(key));
    (void)pthread_mutex_lock(&cache->lock);
    struct entry *entry = *find(cache, key, hash);
    void *value = NULL;
    if (entry != NULL) {
        if (cache->protected.newest != entry) {
            promote(cache, entry);
        }
        value = ref_get(&entry->value->ref);
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return value;
}

/* Removes entries until the new entry fits. */
static void evict(struct lru_cache *cache, const struct entry *entry)
{
    while (cache->protected.count + cache->probation.count > 0 &&
           (cache->protected.count + cache->probation.count >= cache->max_entries ||
            cache->bytes + overhead(entry) + cost(entry->value) > cache->max_bytes)) {
        /* remove_entry changes `oldest`; the analyzer does not follow the list that far.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        remove_entry(cache, cache->probation.oldest != NULL ? cache->probation.oldest
                                                            : cache->protected.oldest);
    }
}

static struct entry *entry_make(const struct lru_cache *cache, const char *key,
                                struct lru_value *value)
{
    size_t length = strlen(key);
    struct entry *entry = memory_allocate(sizeof *entry + length + 1);
    memcpy(entry->key, key, length + 1);
    entry->hash = hash_bytes(&cache->hash_key, key, length);
    entry->value = value;
    entry->size = sizeof *entry + length + 1 + value->size;
    return entry;
}

static void insert(struct lru_cache *cache, struct segment *segment, struct entry *entry)
{
    evict(cache, entry);
    (void)ref_get(&entry->value->ref);
    use(cache, entry->value);
    cache->bytes += overhead(entry);
    struct entry **bucket = &cache->buckets[entry->hash % cache->bucket_count];
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    link_entry(segment, entry);
}

void lru_put(struct lru_cache *cache, const char *key, struct lru_value *value,
             bool (*may_replace)(const struct lru_value *present, struct lru_value *value))
{
    struct entry *entry = entry_make(cache, key, value);
    size_t whole = entry->size + (value->part != NULL ? value->part->size : 0);
    (void)pthread_mutex_lock(&cache->lock);
    struct entry *present = *find(cache, key, entry->hash);
    bool wanted = present == NULL || may_replace == NULL || may_replace(present->value, value);
    if (!wanted || cache->max_entries == 0 || whole > cache->max_bytes) {
        free(entry);
    } else {
        struct segment *segment = present != NULL ? present->segment : &cache->probation;
        if (present != NULL) {
            remove_entry(cache, present);
        }
        insert(cache, segment, entry);
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

size_t lru_lookup_steps(struct lru_cache *cache)
{
    size_t steps = 0;
    (void)pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < cache->bucket_count; i++) {
        size_t depth = 0;
        for (const struct entry *at = cache->buckets[i]; at != NULL; at = at->next_in_bucket) {
            steps += ++depth;
        }
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return steps;
}

size_t lru_bytes(struct lru_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    (void)pthread_mutex_unlock(&cache->lock);
    return bytes;
}
