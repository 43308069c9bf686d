/* FNV-1a, 64 bits: for places in tables, not for secrets. */
#ifndef ETS144_BASE_HASH_H
#define ETS144_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Where a hash begins; one that begins with a secret cannot be foreseen. */
#define HASH_BEGINNING 14695981039346656037U

static inline uint64_t hash_bytes(uint64_t beginning, const void *bytes, size_t length)
{
    uint64_t hash = beginning;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211U;
    }
    return hash;
}

#endif
