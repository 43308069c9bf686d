/* Signatures of Standard Webhooks: HMAC-SHA256 over the message's id, time and body, with a secret
 * that is shared with the receiver. */
#ifndef ETS144_WEBHOOK_SIGNATURE_H
#define ETS144_WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* "whsec_" and 32 random bytes in base64. */
enum { SECRET_SIZE = 51 };

/* "v1," and 32 bytes in base64, for two secrets with a space between them. */
enum { SIGNATURE_SIZE = 96 };

/* False: the system's random generator failed. */
bool secret_make(char secret[SECRET_SIZE]);

struct signed_message {
    const char *id;
    const char *time; /* seconds since 1970, in digits */
    const char *body;
    size_t length;
};

/* The value of the header webhook-signature. `previous` is the secret before a rotation, which
 * still signs for a while; NULL: none. False: a secret is malformed. */
bool signature_make(const struct signed_message *message, const char *secret, const char *previous,
                    char signature[SIGNATURE_SIZE]);

#endif
