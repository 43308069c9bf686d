/* Signatures of webhooks as Standard Webhooks has them: HMAC-SHA256 over the message's id, its time
 * and its body, under a secret that only the receiver has beside us. */
#ifndef ETS144_WEBHOOK_SIGNATURE_H
#define ETS144_WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* "whsec_" and 32 random bytes in base64. */
enum { SECRET_SIZE = 51 };

/* "v1," and 32 bytes in base64, for two secrets with a space between them. */
enum { SIGNATURE_SIZE = 96 };

/* False: no randomness to be had. */
bool secret_make(char secret[SECRET_SIZE]);

struct signed_message {
    const char *id;
    const char *time; /* seconds since 1970, in digits */
    const char *body;
    size_t length;
};

/* The value of the header webhook-signature; previous is NULL unless the secret was changed a short
 * while ago. False: a secret is none. */
bool signature_make(const struct signed_message *message, const char *secret, const char *previous,
                    char signature[SIGNATURE_SIZE]);

#endif
