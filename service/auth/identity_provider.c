#include "auth/identity_provider.h"

#include "auth/provider_fetch.h"
#include "auth/scope_map.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REFRESH_INTERVAL_MS = 5 * 60 * 1000, /* so that keys that the provider withdraws end here */
    MAX_WAIT_MS = 2000                   /* of a request with an unknown key */
};

struct identity_provider {
    struct identity_provider_settings settings;
    struct scope_map *scopes;
    char *discovery_url;
    pthread_t thread;
    atomic_bool stopping;
    /* The lock is never held during a fetch; only requests with a JWT take it. */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a fetch is wanted, a fetch has ended, or the end is near */
    jwks_t *keys;           /* NULL: never fetched */
    bool wanted;            /* a fetch, as soon as the settings allow */
    bool fetching;
    bool reachable;       /* the last fetch succeeded */
    long long fetches;    /* that have ended */
    long long started_at; /* clock_milliseconds of the last fetch; 0: none yet */
    int waiting;          /* requests */
};

/* NULL: *error says why. The document must name the issuer that was asked (OpenID Connect Discovery
 * §4.3). */
static jwks_t *fetch_keys(struct identity_provider *provider, const char **error)
{
    const struct identity_provider_settings *settings = &provider->settings;
    json_t *discovery =
        provider_fetch(provider->discovery_url, settings->ca_file, &provider->stopping, error);
    if (discovery == NULL) {
        return NULL;
    }
    const char *issuer = json_string_value(json_object_get(discovery, "issuer"));
    const char *address = json_string_value(json_object_get(discovery, "jwks_uri"));
    json_t *document = NULL;
    if (issuer == NULL || strcmp(issuer, settings->issuer) != 0) {
        *error = "the discovery document names another issuer";
    } else if (address == NULL || !provider_url_allowed(address)) {
        *error = "the discovery document has no jwks_uri with https";
    } else {
        document = provider_fetch(address, settings->ca_file, &provider->stopping, error);
    }
    json_decref(discovery);
    if (document != NULL && json_array_size(json_object_get(document, "keys")) == 0) {
        *error = "the key set has no keys";
        json_decref(document);
        document = NULL;
    }
    return document;
}

static void log_fetch(const struct identity_provider *provider, const jwks_t *keys,
                      const char *error)
{
    const char *issuer = provider->settings.issuer;
    if (keys == NULL && (provider->reachable || provider->fetches == 0)) {
        log_event(LOG_LEVEL_WARNING, "identity_provider_unreachable", log_text("issuer", issuer),
                  log_text("error", error));
    } else if (keys != NULL && !provider->reachable) {
        log_event(LOG_LEVEL_INFO, "identity_provider_reached", log_text("issuer", issuer),
                  log_number("keys", (long long)json_array_size(json_object_get(keys, "keys"))));
    }
}

/* Called with the lock, which it gives back during the fetch. */
static void refresh(struct identity_provider *provider)
{
    const char *error = "";
    provider->wanted = false;
    provider->fetching = true;
    provider->started_at = clock_milliseconds();
    (void)pthread_mutex_unlock(&provider->lock);
    jwks_t *keys = fetch_keys(provider, &error);
    (void)pthread_mutex_lock(&provider->lock);
    log_fetch(provider, keys, error);
    if (keys != NULL) {
        json_decref(provider->keys);
        provider->keys = keys;
    }
    provider->reachable = keys != NULL;
    provider->fetching = false;
    provider->fetches++;
    (void)pthread_cond_broadcast(&provider->changed);
}

static long long refresh_ms(const struct identity_provider *provider)
{
    return (long long)provider->settings.refresh_seconds * MILLISECONDS_PER_SECOND;
}

/* Milliseconds until the next fetch. */
static long long pause_left(const struct identity_provider *provider)
{
    bool soon = provider->wanted || !provider->reachable;
    long long pause = soon || refresh_ms(provider) > REFRESH_INTERVAL_MS ? refresh_ms(provider)
                                                                         : REFRESH_INTERVAL_MS;
    return provider->started_at == 0 ? 0 : provider->started_at + pause - clock_milliseconds();
}

static void *keep_keys(void *argument)
{
    struct identity_provider *provider = argument;
    (void)pthread_mutex_lock(&provider->lock);
    while (!atomic_load(&provider->stopping)) {
        long long pause = pause_left(provider);
        if (pause <= 0) {
            refresh(provider);
        } else {
            struct timespec deadline = clock_after((int)pause);
            (void)pthread_cond_timedwait(&provider->changed, &provider->lock, &deadline);
        }
    }
    (void)pthread_mutex_unlock(&provider->lock);
    return NULL;
}

static bool complain(const char *sentence, const char *value)
{
    (void)fprintf(stderr, "ets144: %s \"%s\".\n", sentence, value);
    return false;
}

static bool check_settings(const struct identity_provider_settings *settings)
{
    if (!provider_url_allowed(settings->issuer) || strchr(settings->issuer, '?') != NULL) {
        return complain("ETS144_OIDC_ISSUER takes an https address without a query, or http on "
                        "this machine, and is",
                        settings->issuer);
    }
    return settings->audience[0] != '\0' ||
           complain("ETS144_OIDC_AUDIENCE must be set, to what access tokens for this register "
                    "have as `aud`, together with ETS144_OIDC_ISSUER, which is",
                    settings->issuer);
}

/* The issuer and the path, with one slash between them (OpenID Connect Discovery §4.1). Caller
 * frees. */
static char *discovery_of(const char *issuer)
{
    static const char path[] = "/.well-known/openid-configuration";
    size_t length = strlen(issuer);
    while (length > 0 && issuer[length - 1] == '/') {
        length--;
    }
    char *url = memory_allocate(length + sizeof path);
    memcpy(url, issuer, length);
    memcpy(url + length, path, sizeof path);
    return url;
}

struct identity_provider *identity_provider_start(const struct identity_provider_settings *settings)
{
    struct scope_map *scopes =
        check_settings(settings) ? scope_map_read(settings->scopes_claim, settings->scopes) : NULL;
    if (scopes == NULL) {
        return NULL;
    }
    struct identity_provider *provider = memory_allocate(sizeof *provider);
    provider->settings = *settings;
    provider->scopes = scopes;
    provider->discovery_url = discovery_of(settings->issuer);
    (void)pthread_mutex_init(&provider->lock, NULL);
    clock_condition(&provider->changed);
    thread_start(&provider->thread, keep_keys, provider);
    return provider;
}

void identity_provider_stop(struct identity_provider *provider)
{
    if (provider == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&provider->lock);
    atomic_store(&provider->stopping, true);
    (void)pthread_cond_broadcast(&provider->changed);
    (void)pthread_mutex_unlock(&provider->lock);
    (void)pthread_join(provider->thread, NULL);
    (void)pthread_cond_destroy(&provider->changed);
    (void)pthread_mutex_destroy(&provider->lock);
    json_decref(provider->keys);
    scope_map_free(provider->scopes);
    free(provider->discovery_url);
    free(provider);
}

/* A copy of the key; NULL: it is not known. Called with the lock. Caller frees. */
static jwk_t *copy_key(const struct identity_provider *provider, const char *kid)
{
    size_t index = 0;
    json_t *key = NULL;
    json_array_foreach(json_object_get(provider->keys, "keys"), index, key) {
        const char *name = json_string_value(json_object_get(key, "kid"));
        if (name != NULL && strcmp(name, kid) == 0) {
            return json_deep_copy(key);
        }
    }
    return NULL;
}

/* Waits until the fetch that is wanted or under way has ended. Called with the lock. False: it did
 * not end in time, or as many requests wait as may. */
static bool wait_for_fetch(struct identity_provider *provider)
{
    const long long seen = provider->fetches;
    struct timespec deadline = clock_after(MAX_WAIT_MS);
    if (provider->waiting >= provider->settings.max_waiting) {
        return false;
    }
    provider->waiting++;
    int waited = 0;
    while (waited == 0 && provider->fetches == seen && !atomic_load(&provider->stopping)) {
        waited = pthread_cond_timedwait(&provider->changed, &provider->lock, &deadline);
    }
    provider->waiting--;
    return provider->fetches > seen;
}

/* Whether a fetch is under way, or may begin: unknown keys cause at most one in refresh_seconds, so
 * that nobody can make this register flood the provider. Called with the lock. */
static bool want_fetch(struct identity_provider *provider)
{
    bool due = clock_milliseconds() - provider->started_at >= refresh_ms(provider);
    if (!provider->fetching && due) {
        provider->wanted = true;
        (void)pthread_cond_broadcast(&provider->changed);
    }
    return provider->fetching || due;
}

/* JWT_VALID: *key is a copy, which the caller frees. */
static enum jwt_verdict find_key(struct identity_provider *provider, const char *kid, jwk_t **key)
{
    bool fetched = true;
    (void)pthread_mutex_lock(&provider->lock);
    *key = copy_key(provider, kid);
    if (*key == NULL && want_fetch(provider)) {
        fetched = wait_for_fetch(provider);
        *key = copy_key(provider, kid);
    }
    bool reachable = fetched && provider->reachable;
    (void)pthread_mutex_unlock(&provider->lock);
    if (*key != NULL) {
        return JWT_VALID;
    }
    return reachable ? JWT_KEY_UNKNOWN : JWT_UNAVAILABLE;
}

/* The claim `name`, or else the next that the token has (OpenID Connect Core §5.1). */
static const char *name_of(const json_t *claims)
{
    static const char *const members[] = {"name", "preferred_username", "sub"};
    const char *name = NULL;
    for (size_t i = 0; i < sizeof members / sizeof members[0] && name == NULL; i++) {
        const json_t *member = json_object_get(claims, members[i]);
        name = json_string_length(member) > 0 ? json_string_value(member) : NULL;
    }
    return name;
}

static void read_person(const struct identity_provider *provider, struct arena *arena,
                        const json_t *claims, struct person *person)
{
    const double expiry = json_number_value(json_object_get(claims, "exp"));
    const double latest = 253402300799.0; /* the year 9999 */
    *person = (struct person){
        .issuer = provider->settings.issuer,
        .subject = arena_copy_text(arena, json_string_value(json_object_get(claims, "sub"))),
        .name = arena_copy_text(arena, name_of(claims)),
        .scopes = scope_map_apply(provider->scopes, claims),
        .expires_at = (long long)(expiry < latest ? expiry : latest),
    };
}

enum jwt_verdict identity_provider_verify(struct identity_provider *provider, struct arena *arena,
                                          const char *token, struct person *person)
{
    const struct jwt_rules rules = {.issuer = provider->settings.issuer,
                                    .audience = provider->settings.audience};
    struct access_jwt jwt;
    jwk_t *key = NULL;
    enum jwt_verdict verdict = access_jwt_read(&jwt, token, &rules, time(NULL));
    if (verdict == JWT_VALID) {
        verdict = find_key(provider, access_jwt_kid(&jwt), &key);
    }
    if (verdict == JWT_VALID) {
        verdict = access_jwt_verify(&jwt, key);
    }
    if (verdict == JWT_VALID) {
        read_person(provider, arena, jwt.claims, person);
    }
    json_decref(key);
    access_jwt_clear(&jwt);
    return verdict;
}
