#include "webhook/signature.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"
enum { SECRET_BYTES = 32, DIGEST_BYTES = 32, BASE64_SIZE = 45 };

static bool encode(const unsigned char bytes[32], char text[BASE64_SIZE])
{
    const gnutls_datum_t plain = {.data = (unsigned char *)bytes, .size = 32};
    gnutls_datum_t encoded = {.data = NULL};
    if (gnutls_base64_encode2(&plain, &encoded) != 0) {
        return false;
    }
    (void)snprintf(text, BASE64_SIZE, "%.*s", (int)encoded.size, (const char *)encoded.data);
    gnutls_free(encoded.data);
    return true;
}

bool secret_make(char secret[SECRET_SIZE])
{
    unsigned char random[SECRET_BYTES];
    char text[BASE64_SIZE];
    if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof random) != 0 || !encode(random, text)) {
        return false;
    }
    (void)snprintf(secret, SECRET_SIZE, SECRET_PREFIX "%s", text);
    return true;
}

/* The HMAC (RFC 2104) of "id.time.body". */
static bool authenticate(const struct signed_message *message, const gnutls_datum_t *key,
                         unsigned char digest[DIGEST_BYTES])
{
    gnutls_hmac_hd_t hmac = NULL;
    if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, key->data, key->size) != 0) {
        return false;
    }
    bool done = gnutls_hmac(hmac, message->id, strlen(message->id)) == 0 &&
                gnutls_hmac(hmac, ".", 1) == 0 &&
                gnutls_hmac(hmac, message->time, strlen(message->time)) == 0 &&
                gnutls_hmac(hmac, ".", 1) == 0 &&
                gnutls_hmac(hmac, message->body, message->length) == 0;
    gnutls_hmac_deinit(hmac, digest);
    return done;
}

static bool sign(const struct signed_message *message, const char *secret, char text[BASE64_SIZE])
{
    const size_t prefix = sizeof SECRET_PREFIX - 1;
    if (strncmp(secret, SECRET_PREFIX, prefix) != 0) {
        return false;
    }
    const gnutls_datum_t encoded = {.data = (unsigned char *)secret + prefix,
                                    .size = (unsigned)(strlen(secret) - prefix)};
    gnutls_datum_t key = {.data = NULL};
    if (gnutls_base64_decode2(&encoded, &key) != 0) {
        return false;
    }
    unsigned char digest[DIGEST_BYTES];
    bool done = authenticate(message, &key, digest) && encode(digest, text);
    gnutls_memset(key.data, 0, key.size);
    gnutls_free(key.data);
    return done;
}

bool signature_make(const struct signed_message *message, const char *secret, const char *previous,
                    char signature[SIGNATURE_SIZE])
{
    char new[BASE64_SIZE];
    char old[BASE64_SIZE];
    if (!sign(message, secret, new) || (previous != NULL && !sign(message, previous, old))) {
        return false;
    }
    (void)snprintf(signature, SIGNATURE_SIZE, "v1,%s%s%s", new, previous != NULL ? " v1," : "",
                   previous != NULL ? old : "");
    return true;
}
