/* What all handlers share. */
#ifndef ETS144_CONTEXT_H
#define ETS144_CONTEXT_H

#include "base/address.h"
#include "store/pool.h"
#include "store/revisions.h"
#include "store/standby.h"
#include "webhook/url_guard.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct metrics;
struct response_cache;
struct route;
struct tls;

struct context {
    const struct route *routes;
    struct pool *pool;
    struct standby *standby; /* NULL: the primary answers everything */
    struct revisions *revisions;
    const char *public_url;       /* without a final slash; "": not known */
    const char *publisher;        /* of the data */
    const char *contact;          /* about the data, a URI; "": none */
    const char *licence;          /* of the data, a URI; "": none is named */
    const char *security_contact; /* "": none */
    long max_file_rows;
    int import_timeout_ms; /* milliseconds for one statement */
    atomic_bool importing; /* a file is being imported here */
    struct address_ranges metrics_clients;
    bool plain_tokens; /* a token may come without TLS from anywhere */
    struct tls *tls;   /* NULL: plain HTTP */
    struct response_cache *cache;
    struct metrics *metrics;
    time_t started;
    struct url_guard url_guard; /* which addresses a webhook may have */
    long stale_if_error;  /* seconds for which answers may be given while nobody hears of newer ones
                           */
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
