/* The institution's identity provider: its keys (JWKS, RFC 7517), found by OpenID Connect Discovery
 * and fetched by a thread of its own, and the people whose access tokens it signed. */
#ifndef ETS144_AUTH_IDENTITY_PROVIDER_H
#define ETS144_AUTH_IDENTITY_PROVIDER_H

#include "auth/access_jwt.h"
#include "base/memory.h"

struct identity_provider_settings {
    const char *issuer; /* as in the tokens' `iss` */
    const char *audience;
    const char *scopes_claim;
    const char *scopes; /* of scope_map_read() */
    const char *ca_file;
    int refresh_seconds; /* least time between two fetches */
    int max_waiting;     /* requests that may wait for a fetch at once */
};

/* A person, as the access token says. */
struct person {
    const char *issuer;
    const char *subject;
    const char *name;
    json_t *scopes;       /* of the register; an array that the caller frees */
    long long expires_at; /* seconds since 1970 */
};

struct identity_provider;

/* Starts to fetch the keys. The texts of the settings are borrowed until identity_provider_stop().
 * NULL: the settings cannot be used, and a sentence is on stderr. */
struct identity_provider *
identity_provider_start(const struct identity_provider_settings *settings);
void identity_provider_stop(struct identity_provider *provider); /* NULL is fine */

/* Verifies an access token, from any thread. JWT_VALID: the person is in the arena. A token that
 * names an unknown key waits for a fetch, for at most two seconds; JWT_UNAVAILABLE: there was none,
 * or it failed. Keys that are known stay valid while the provider is away. */
enum jwt_verdict identity_provider_verify(struct identity_provider *provider, struct arena *arena,
                                          const char *token, struct person *person);

#endif
