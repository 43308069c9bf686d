#include "auth/token.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <orcania.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKEN_PREFIX "ets144_"
enum { TOKEN_RANDOM_BYTES = 32, TOKEN_RANDOM_CHARACTERS = 43 };

const char *const token_scopes[] = {
    "actions:write",  "calls:write",    "states:write", "memberships:write",  "outlook:write",
    "outlook:read",   "notes:write",    "notes:read",   "imports:write",      "imports:admin",
    "webhooks:write", "webhooks:admin", "tokens:write", "changesets:approve", NULL};

bool token_make(char token[TOKEN_SIZE])
{
    unsigned char random[TOKEN_RANDOM_BYTES];
    unsigned char encoded[TOKEN_SIZE];
    size_t length = 0;
    if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof random) != 0 ||
        !o_base64url_encode(random, sizeof random, encoded, &length)) {
        return false;
    }
    (void)snprintf(token, TOKEN_SIZE, TOKEN_PREFIX "%.*s", (int)length, (const char *)encoded);
    return true;
}

void token_digest(const char *token, char digest[TOKEN_DIGEST_SIZE])
{
    token_digest_bytes(token, strlen(token), digest);
}

void token_digest_bytes(const char *bytes, size_t length, char digest[TOKEN_DIGEST_SIZE])
{
    enum { SHA256_SIZE = 32 };
    unsigned char hash[SHA256_SIZE];
    (void)gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, hash);
    (void)snprintf(digest, TOKEN_DIGEST_SIZE, "\\x");
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        (void)snprintf(digest + 2 + 2 * i, 3, "%02x", hash[i]);
    }
}

/* What follows the scheme; NULL: it is another scheme. */
static const char *bearer(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (authorization == NULL || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    const char *token = authorization + sizeof scheme - 1;
    return token + strspn(token, " ");
}

const char *token_in_header(const char *authorization)
{
    const char *token = bearer(authorization);
    size_t prefix_length = strlen(TOKEN_PREFIX);
    bool ours = token != NULL && strncmp(token, TOKEN_PREFIX, prefix_length) == 0 &&
                strlen(token) == prefix_length + TOKEN_RANDOM_CHARACTERS;
    return ours ? token : NULL;
}

const char *token_jwt_in_header(const char *authorization)
{
    static const char base64url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *token = bearer(authorization);
    const char *at = token;
    for (int part = 0; at != NULL && part < 3; part++) {
        size_t length = strspn(at, base64url);
        at += length;
        if (*at != (part < 2 ? '.' : '\0') || (length == 0 && part < 2)) {
            return NULL;
        }
        at += part < 2;
    }
    return token;
}
