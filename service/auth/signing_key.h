/* The key that signs the head of the chain of digests: Ed25519 (RFC 8032), in PEM (RFC 8410). */
#ifndef ETS144_AUTH_SIGNING_KEY_H
#define ETS144_AUTH_SIGNING_KEY_H

#include "base/memory.h"

struct signing_key;

/* Reads the private key from the file. NULL: it cannot be used, and a sentence is on stderr. */
struct signing_key *signing_key_open(const char *file);
void signing_key_close(struct signing_key *key); /* NULL is fine */

/* The public key in PEM; borrowed until signing_key_close(). */
const char *signing_key_public(const struct signing_key *key);
/* The signature of the text's bytes, in base64 (RFC 4648 §4), in the arena; NULL: GnuTLS failed,
 * and the log says why. From any thread. */
const char *signing_key_sign(struct signing_key *key, struct arena *arena, const char *text);

#endif
