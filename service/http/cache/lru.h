/* A segmented LRU cache, bounded in entries and bytes. New entries go to the probation segment; a
 * second hit promotes them to the protected segment, which takes three quarters of the space.
 * Eviction takes the least recently used entry, from the probation segment first, so that a burst
 * of keys used once cannot push out the rest.
 *
 * Values are immutable and reference-counted: a value that is replaced or evicted lives until its
 * last holder releases it. Safe for threads. */
#ifndef ETS144_HTTP_CACHE_LRU_H
#define ETS144_HTTP_CACHE_LRU_H

#include "base/ref.h"

#include <stdbool.h>
#include <stddef.h>

/* The first member of a cached object. */
struct lru_value {
    struct ref ref;
    size_t size;            /* bytes, without those of `part` */
    struct lru_value *part; /* referenced by the object, or NULL. Its bytes count once, however many
                             * objects share it. */
    size_t uses;            /* the cache's: entries and cached objects that refer to this one */
};

struct lru_cache;

struct lru_cache *lru_open(size_t max_entries, size_t max_bytes);
void lru_close(struct lru_cache *cache);

/* The value of the key, with a reference for the caller; NULL: not found. */
void *lru_get(struct lru_cache *cache, const char *key);

/* Stores a value and takes a reference of its own. If the key has a value already, `may_replace`
 * (NULL: always true) decides, under the lock, whether the new value replaces it. */
void lru_put(struct lru_cache *cache, const char *key, struct lru_value *value,
             bool (*may_replace)(const struct lru_value *present, struct lru_value *value));

size_t lru_count(struct lru_cache *cache);
size_t lru_bytes(struct lru_cache *cache);
/* How many entries are looked at when each entry is looked up once: about 3 for each 2 entries of a
 * full cache, and far more where keys share buckets. */
size_t lru_lookup_steps(struct lru_cache *cache);

#endif
