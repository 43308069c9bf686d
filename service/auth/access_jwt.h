/* JWT access tokens of an identity provider (RFC 9068), as compact JWS (RFC 7515), by Rhonabwy. */
#ifndef ETS144_AUTH_ACCESS_JWT_H
#define ETS144_AUTH_ACCESS_JWT_H

#include <jansson.h>
#include <rhonabwy.h>
#include <stdbool.h>
#include <time.h>

enum jwt_verdict {
    JWT_VALID,
    JWT_MALFORMED,
    JWT_TYPE,      /* not at+jwt (RFC 9068 §2.1) */
    JWT_ALGORITHM, /* not RS256, PS256, ES256 or EdDSA, or not the key's */
    JWT_CRITICAL,  /* an extension that must be understood (RFC 7515 §4.1.11) */
    JWT_ISSUER,
    JWT_AUDIENCE,
    JWT_EXPIRED,
    JWT_NOT_YET,     /* before nbf or iat */
    JWT_CLAIM,       /* a required claim is missing or malformed (RFC 9068 §2.2) */
    JWT_KEY_UNKNOWN, /* the provider has no key of this kid */
    JWT_SIGNATURE,
    JWT_UNAVAILABLE, /* the provider's keys cannot be fetched now */
    JWT_VERDICTS
};

struct jwt_rules {
    const char *issuer;
    const char *audience;
};

struct jwt_algorithm;

struct access_jwt {
    jws_t *jws;
    json_t *header;
    json_t *claims;
    const struct jwt_algorithm *algorithm;
};

/* Reads a token and checks everything but its signature, at `now`, seconds since 1970. Whatever the
 * verdict, access_jwt_clear() frees the token. */
enum jwt_verdict access_jwt_read(struct access_jwt *jwt, const char *token,
                                 const struct jwt_rules *rules, time_t now);
/* The key's name in the header. */
const char *access_jwt_kid(const struct access_jwt *jwt);
/* Checks the signature: JWT_VALID, JWT_ALGORITHM if the key is of another algorithm, or
 * JWT_SIGNATURE. */
enum jwt_verdict access_jwt_verify(struct access_jwt *jwt, jwk_t *key);
void access_jwt_clear(struct access_jwt *jwt);

#endif
