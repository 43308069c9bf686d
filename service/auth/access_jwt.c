#include "auth/access_jwt.h"

#include "base/memory.h"

#include <orcania.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_SUBJECT = 255,  /* OpenID Connect Core §2 */
    CLOCK_SKEW = 5,     /* seconds by which the provider's clock may be ahead */
    MIN_RSA_BITS = 2048 /* RFC 7518 §3.3 */
};

/* An algorithm, and the keys that it takes. A key is never taken for another algorithm: otherwise a
 * public key could be used as the secret of an HMAC. */
struct jwt_algorithm {
    const char *name;
    const char *key_type;
    const char *curve; /* NULL: the key has none */
};

static const struct jwt_algorithm algorithms[] = {
    {"RS256", "RSA", NULL},
    {"PS256", "RSA", NULL},
    {"ES256", "EC", "P-256"},
    {"EdDSA", "OKP", "Ed25519"},
};

static const struct jwt_algorithm *algorithm_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (strcmp(algorithms[i].name, name) == 0) {
            return &algorithms[i];
        }
    }
    return NULL;
}

static const char *text_member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* Decodes the base64url of a part as a JSON object; NULL: it is not an object. */
static json_t *decode_object(const char *part, size_t length)
{
    unsigned char *bytes = memory_allocate(length + 1);
    size_t count = 0;
    json_t *object = NULL;
    if (o_base64url_decode((const unsigned char *)part, length, bytes, &count)) {
        object = json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES, NULL);
    }
    free(bytes);
    if (!json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool is_access_token_type(const char *type)
{
    return type != NULL &&
           (strcasecmp(type, "at+jwt") == 0 || strcasecmp(type, "application/at+jwt") == 0);
}

/* Rhonabwy would inflate a payload with `zip` before the signature is checked. */
static enum jwt_verdict check_header(struct access_jwt *jwt)
{
    if (!is_access_token_type(text_member(jwt->header, "typ"))) {
        return JWT_TYPE;
    }
    jwt->algorithm = algorithm_named(text_member(jwt->header, "alg"));
    if (jwt->algorithm == NULL) {
        return JWT_ALGORITHM;
    }
    if (json_object_get(jwt->header, "crit") != NULL ||
        json_object_get(jwt->header, "zip") != NULL) {
        return JWT_CRITICAL;
    }
    return access_jwt_kid(jwt) != NULL ? JWT_VALID : JWT_KEY_UNKNOWN;
}

static bool is_audience(const json_t *claim, const char *audience)
{
    size_t index = 0;
    const json_t *each = NULL;
    if (json_is_string(claim)) {
        return strcmp(json_string_value(claim), audience) == 0;
    }
    json_array_foreach(claim, index, each) {
        if (json_is_string(each) && strcmp(json_string_value(each), audience) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_filled(const json_t *claims, const char *name)
{
    return json_string_length(json_object_get(claims, name)) > 0;
}

/* RFC 9068 §2.2. */
static bool has_required_claims(const json_t *claims)
{
    return is_filled(claims, "sub") &&
           json_string_length(json_object_get(claims, "sub")) <= MAX_SUBJECT &&
           is_filled(claims, "client_id") && is_filled(claims, "jti") &&
           json_is_number(json_object_get(claims, "exp")) &&
           json_is_number(json_object_get(claims, "iat"));
}

static bool is_after(const json_t *claim, time_t now)
{
    return json_is_number(claim) && json_number_value(claim) > (double)now + CLOCK_SKEW;
}

static enum jwt_verdict check_claims(const json_t *claims, const struct jwt_rules *rules,
                                     time_t now)
{
    const char *issuer = text_member(claims, "iss");
    const json_t *not_before = json_object_get(claims, "nbf");
    if (issuer == NULL || strcmp(issuer, rules->issuer) != 0) {
        return JWT_ISSUER;
    }
    if (!is_audience(json_object_get(claims, "aud"), rules->audience)) {
        return JWT_AUDIENCE;
    }
    if (!has_required_claims(claims) || (not_before != NULL && !json_is_number(not_before))) {
        return JWT_CLAIM;
    }
    if (json_number_value(json_object_get(claims, "exp")) <= (double)now) {
        return JWT_EXPIRED;
    }
    bool early = is_after(not_before, now) || is_after(json_object_get(claims, "iat"), now);
    return early ? JWT_NOT_YET : JWT_VALID;
}

/* Keys in the header are not read: the token would choose the key that it is checked with. */
static bool parse(struct access_jwt *jwt, const char *token)
{
    return r_jws_init(&jwt->jws) == RHN_OK &&
           r_jws_advanced_compact_parsen(jwt->jws, token, strlen(token), R_PARSE_NONE,
                                         R_FLAG_IGNORE_REMOTE) == RHN_OK;
}

enum jwt_verdict access_jwt_read(struct access_jwt *jwt, const char *token,
                                 const struct jwt_rules *rules, time_t now)
{
    *jwt = (struct access_jwt){.jws = NULL};
    const char *first = strchr(token, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;
    if (second == NULL || strchr(second + 1, '.') != NULL) {
        return JWT_MALFORMED;
    }
    jwt->header = decode_object(token, (size_t)(first - token));
    jwt->claims = decode_object(first + 1, (size_t)(second - first - 1));
    if (jwt->header == NULL || jwt->claims == NULL) {
        return JWT_MALFORMED;
    }
    enum jwt_verdict verdict = check_header(jwt);
    if (verdict == JWT_VALID) {
        verdict = check_claims(jwt->claims, rules, now);
    }
    if (verdict == JWT_VALID && !parse(jwt, token)) {
        verdict = JWT_MALFORMED;
    }
    return verdict;
}

const char *access_jwt_kid(const struct access_jwt *jwt)
{
    return text_member(jwt->header, "kid");
}

/* Whether the key's member is absent or has this value. */
static bool allows(jwk_t *key, const char *member, const char *value)
{
    const char *text = r_jwk_get_property_str(key, member);
    return text == NULL || strcmp(text, value) == 0;
}

static bool key_fits(jwk_t *key, const struct jwt_algorithm *algorithm)
{
    const char *type = r_jwk_get_property_str(key, "kty");
    const char *curve = r_jwk_get_property_str(key, "crv");
    if (type == NULL || strcmp(type, algorithm->key_type) != 0 ||
        !allows(key, "alg", algorithm->name) || !allows(key, "use", "sig")) {
        return false;
    }
    if (algorithm->curve != NULL) {
        return curve != NULL && strcmp(curve, algorithm->curve) == 0;
    }
    unsigned bits = 0;
    (void)r_jwk_key_type(key, &bits, R_FLAG_IGNORE_REMOTE);
    return bits >= MIN_RSA_BITS;
}

enum jwt_verdict access_jwt_verify(struct access_jwt *jwt, jwk_t *key)
{
    if (!key_fits(key, jwt->algorithm)) {
        return JWT_ALGORITHM;
    }
    return r_jws_verify_signature(jwt->jws, key, R_FLAG_IGNORE_REMOTE) == RHN_OK ? JWT_VALID
                                                                                 : JWT_SIGNATURE;
}

void access_jwt_clear(struct access_jwt *jwt)
{
    r_jws_free(jwt->jws);
    json_decref(jwt->header);
    json_decref(jwt->claims);
}
