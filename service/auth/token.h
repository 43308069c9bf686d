/* Access tokens: 256 random bits behind a recognisable prefix, stored as a SHA-256 digest. */
#ifndef ETS144_AUTH_TOKEN_H
#define ETS144_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKEN_SIZE = 64, TOKEN_DIGEST_SIZE = 67 };

/* All scopes, ending with NULL. */
extern const char *const token_scopes[];

/* Makes a new token: "ets144_" and 43 characters of base64url. False: the system's random
 * generator failed. */
bool token_make(char token[TOKEN_SIZE]);

/* The digest (SHA-256) as PostgreSQL writes a bytea: \x and 64 hexadecimal digits. */
void token_digest(const char *token, char digest[TOKEN_DIGEST_SIZE]);
void token_digest_bytes(const char *bytes, size_t length, char digest[TOKEN_DIGEST_SIZE]);

/* The token in an Authorization header's value (RFC 6750 §2.1), NULL if it is not an ets144 token.
 */
const char *token_in_header(const char *authorization);
/* The token in an Authorization header's value, NULL if it is not three parts of base64url with
 * dots between them, as a JWT is. */
const char *token_jwt_in_header(const char *authorization);

#endif
