#include "http/request_id.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { LONGEST_ID = 64 };

/* Letters, digits and -._ only, so that an id is itself in a header, a log line and JSON. */
static bool is_well_formed(const char *id)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t length = strspn(id, allowed);
    return length > 0 && length <= LONGEST_ID && id[length] == '\0';
}

const char *request_id(struct arena *arena, const char *from_client)
{
    if (from_client != NULL && is_well_formed(from_client)) {
        return from_client;
    }
    unsigned char random[10];
    (void)gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof random);
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    return arena_print(arena, "%08x-%04x-7%03x-%04x-%02x%02x%02x%02x%02x%02x",
                       (unsigned)(milliseconds >> 16), (unsigned)(milliseconds & 0xffff),
                       (unsigned)((random[0] << 8 | random[1]) & 0x0fff),
                       (unsigned)((random[2] << 8 | random[3]) & 0x3fff) | 0x8000U, random[4],
                       random[5], random[6], random[7], random[8], random[9]);
}
