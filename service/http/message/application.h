/* What the server needs of the application behind it: its routes, and how to authorize a request
 * and learn of revisions. */
#ifndef ETS144_HTTP_MESSAGE_APPLICATION_H
#define ETS144_HTTP_MESSAGE_APPLICATION_H

#include "http/message/client.h"

#include <stdbool.h>

struct exchange;
struct response_cache;
struct metrics;
struct rate_limit;
struct route;

struct application {
    const struct route *routes;
    void *context; /* exchange->context */
    /* Who is calling, and may they? Called for routes with a scope, before anything is parsed of
     * the body; false: a problem document is the reply. */
    bool (*authorize)(struct exchange *exchange);
    /* Kept answers, and how old one may be that is served while the database is away (seconds). */
    struct response_cache *cache;
    long stale_if_error;
    struct metrics *metrics;
    long max_file_bytes;           /* the longest body where a route takes a file */
    const char *licence;           /* of the data, a URI; "": none is named */
    const char *page_policy;       /* Content-Security-Policy of pages that name none themselves */
    struct proxy_trust trust;      /* which proxies are believed */
    struct rate_limit *rate_limit; /* NULL: there is none */
    /* The newest revision known, -1 if nobody can know; and news of one. Both get `context`. */
    long long (*newest_revision)(void *context);
    void (*observe_revision)(void *context, long long revision);
    /* Waits for a revision above one, for so many milliseconds; the newest known then. */
    long long (*await_revision)(void *context, long long revision, int milliseconds);
    /* The revision that the answer to this address is of, if it can be waited for that a newer one
     * has more to say; -1: it cannot. */
    long long (*stands_at)(const char *address);
};

#endif
