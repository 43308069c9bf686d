/* The application behind the server: routes, settings, and the callbacks for authorization and
 * revisions, so that http/ depends neither on api/ nor on store/. */
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
    /* Finds the caller by the token and checks the route's scope. Called for routes with a scope.
     * False: the response is a problem. */
    bool (*authorize)(struct exchange *exchange);
    struct response_cache *cache;
    long stale_if_error; /* seconds: maximum age of a response served while the database is down */
    struct metrics *metrics;
    long max_body_bytes;
    long max_file_bytes;     /* for routes that take a file */
    const char *licence;     /* of the data, a URI; "": not given */
    const char *page_policy; /* Content-Security-Policy of pages that set none */
    struct proxy_trust trust;
    struct rate_limit *rate_limit; /* NULL: no limit */
    /* The newest revision, -1 if not known; and the report of a newer one. Both get `context`. */
    long long (*newest_revision)(void *context);
    void (*observe_revision)(void *context, long long revision);
    /* Waits at most so many milliseconds for a revision above `revision`; returns the newest. */
    long long (*await_revision)(void *context, long long revision, int milliseconds);
};

#endif
