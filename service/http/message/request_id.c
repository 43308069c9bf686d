#include "http/message/request_id.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { MAX_ID = 64, UUID_BYTES = 16, UUID_RANDOM = 10 };

/* Letters, digits and -._ only: an id needs no escapes in a header, a log line or JSON. */
static bool is_well_formed(const char *id)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t length = strspn(id, allowed);
    return length > 0 && length <= MAX_ID && id[length] == '\0';
}

/* Random bytes, drawn for 64 ids at once: a draw costs more than the rest of an id. Each thread has
 * its own. */
static void take_random(unsigned char *to)
{
    static _Thread_local unsigned char drawn[64 * UUID_RANDOM];
    static _Thread_local size_t left;
    if (left == 0) {
        (void)gnutls_rnd(GNUTLS_RND_NONCE, drawn, sizeof drawn);
        left = sizeof drawn;
    }
    left -= UUID_RANDOM;
    memcpy(to, drawn + left, UUID_RANDOM);
}

/* 8-4-4-4-12 hexadecimal digits; returns the text. */
static char *write_uuid(char *text, const unsigned char bytes[UUID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *at = text;
    for (int i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 0x0f];
    }
    *at = '\0';
    return text;
}

const char *request_id(struct arena *arena, const char *from_client)
{
    if (from_client != NULL && is_well_formed(from_client)) {
        return from_client;
    }
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    unsigned char bytes[UUID_BYTES];
    for (int i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    }
    take_random(bytes + 6);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x70);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    return write_uuid(arena_allocate(arena, 2 * UUID_BYTES + 5), bytes);
}
