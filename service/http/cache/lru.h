/* A cache: what is worth keeping in memory, found by its key, bounded in number and bytes.
 *
 * What was asked for once stands in the probation segment; asked for again it moves to the
 * protected segment, which takes three quarters of the room. When room is needed, what was asked
 * for longest ago goes, from the probation segment first: a flood of names that are asked for once
 * pushes out nothing but itself. Things are never changed once they stand; a holder's value lives
 * until it is released. Safe for threads. */
#ifndef ETS144_HTTP_CACHE_LRU_H
#define ETS144_HTTP_CACHE_LRU_H

#include "base/ref.h"

#include <stdbool.h>
#include <stddef.h>

struct lru_cache;

struct lru_cache *lru_open(size_t max_entries, size_t max_bytes);
void lru_close(struct lru_cache *cache);

/* The value of that key, held for the caller; NULL: none stands there. */
void *lru_get(struct lru_cache *cache, const char *key);

/* Puts a value in the entry of its key, held by the cache. `may_replace` is asked under the lock
 * when one stands there; false leaves it. */
void lru_put(struct lru_cache *cache, const char *key, struct ref *value,
             bool (*may_replace)(const struct ref *present, struct ref *value));

size_t lru_count(struct lru_cache *cache);
size_t lru_bytes(struct lru_cache *cache);

#endif
