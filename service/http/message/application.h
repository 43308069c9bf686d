/* What the server needs of the application behind it: its routes, how to authorize a request, and
 * the revisions of its data. */
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
    /* Finds the caller by the token, and whether the route's scope is theirs. Called for routes
     * with a scope; false: a problem is the reply. */
    bool (*authorize)(struct exchange *exchange);
    struct response_cache *cache;
    long stale_if_error; /* seconds: the age of a cached response while the database is away */
    struct metrics *metrics;
    long max_body_bytes;
    long max_file_bytes;     /* where a route takes a file */
    const char *licence;     /* of the data, a URI; "": none is named */
    const char *page_policy; /* Content-Security-Policy of pages that set none */
    struct proxy_trust trust;
    struct rate_limit *rate_limit; /* NULL: there is none */
    /* The newest revision known, -1 if nobody can know; and news of one. Both get `context`. */
    long long (*newest_revision)(void *context);
    void (*observe_revision)(void *context, long long revision);
    /* Waits for a revision above one, for so many milliseconds; the newest known then. */
    long long (*await_revision)(void *context, long long revision, int milliseconds);
};

#endif
