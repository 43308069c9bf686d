#include "base/hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

struct hash_key hash_key_make(void)
{
    struct hash_key key;
    (void)gnutls_rnd(GNUTLS_RND_NONCE, &key, sizeof key);
    return key;
}

static uint64_t rotate(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void round_up(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void absorb(uint64_t v[4], uint64_t word, int rounds)
{
    v[3] ^= word;
    round_up(v, rounds);
    v[0] ^= word;
}

static inline __attribute__((always_inline)) uint64_t siphash(const struct hash_key *key,
                                                              const void *bytes, size_t length,
                                                              int compressions, int finalizations)
{
    uint64_t v[4] = {key->halves[0] ^ 0x736f6d6570736575U, key->halves[1] ^ 0x646f72616e646f6dU,
                     key->halves[0] ^ 0x6c7967656e657261U, key->halves[1] ^ 0x7465646279746573U};
    const unsigned char *at = bytes;
    size_t left = length;
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        absorb(v, word, compressions);
    }
    uint64_t last = 0;
    memcpy(&last, at, left);
    absorb(v, last | (uint64_t)length << 56, compressions);
    v[2] ^= 0xff;
    round_up(v, finalizations);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_siphash(const struct hash_key *key, const void *bytes, size_t length,
                      int compressions, int finalizations)
{
    return siphash(key, bytes, length, compressions, finalizations);
}

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t length)
{
    return siphash(key, bytes, length, 1, 3);
}
