/* SipHash-1-3 with a random key: for hash tables whose keys a client chooses, so that nobody can
 * choose keys that share a bucket. No digest: see http/message/entity_tag.h for one. */
#ifndef ETS144_BASE_HASH_H
#define ETS144_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t halves[2];
};

/* A new random key. */
struct hash_key hash_key_make(void);

/* SipHash with `compressions` rounds for each 8 bytes and `finalizations` at the end (Aumasson and
 * Bernstein, 2012). Tables take hash_bytes. */
uint64_t hash_siphash(const struct hash_key *key, const void *bytes, size_t length,
                      int compressions, int finalizations);
uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t length);

#endif
