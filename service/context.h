/* The context of all handlers. */
#ifndef ETS144_CONTEXT_H
#define ETS144_CONTEXT_H

#include "base/address.h"
#include "store/pool.h"
#include "store/revisions.h"
#include "store/standby.h"
#include "webhook/url_guard.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct identity_provider;
struct metrics;
struct response_cache;
struct route;
struct signing_key;
struct tls;
struct token_uses;

/* The newest moment as the database told it last; empty texts: not told yet. */
struct newest_moment {
    pthread_mutex_t lock;
    char known_at[40];
    char revision[24];
};

struct context {
    const struct route *routes;
    struct pool *pool;
    struct standby *standby; /* NULL: all reads go to the primary */
    struct revisions *revisions;
    struct token_uses *token_uses;
    struct newest_moment newest;
    const char *public_url;       /* without a final slash; "": not known */
    const char *publisher;        /* of the data */
    const char *contact;          /* about the data, a URI; "": not given */
    const char *licence;          /* of the data, a URI; "": not given */
    const char *security_contact; /* "": not given */
    long max_file_rows;
    int import_timeout_ms; /* milliseconds for one statement */
    atomic_bool importing; /* a file is being imported here */
    struct address_ranges metrics_clients;
    bool plain_tokens;               /* tokens are accepted without TLS from any client */
    bool second_person;              /* a changeset is recorded when another person approves it */
    struct tls *tls;                 /* NULL: plain HTTP */
    struct signing_key *signing_key; /* of the head of the chain; NULL: it is not signed */
    struct identity_provider *identity_provider; /* NULL: people have no access */
    struct response_cache *cache;
    struct metrics *metrics;
    time_t started;
    struct url_guard url_guard; /* the addresses that webhooks may have */
    long stale_if_error;  /* seconds: maximum age of a response served while the database is down */
    atomic_bool stopping; /* SIGTERM was received: not ready any more */
};

#endif
