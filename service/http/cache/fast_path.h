/* The fast path: a GET with the same bytes as an earlier request gets a prebuilt response of
 * libmicrohttpd, before the request is parsed and without Ulfius.
 *
 * The verbatim key is the request's target with its Accept, Accept-Encoding and Accept-Language, as
 * sent. Requests with other headers that affect the response bypass the fast path and are processed
 * (http/handle/process.h). A finished exchange stores its prebuilt response for the next request.
 */
#ifndef ETS144_HTTP_CACHE_FAST_PATH_H
#define ETS144_HTTP_CACHE_FAST_PATH_H

#include "http/cache/response_cache.h"
#include "http/message/application.h"

#include <microhttpd.h>
#include <stdbool.h>

/* A cached response with its headers, as libmicrohttpd sends them. */
struct prebuilt_response {
    struct lru_value value;
    struct cached_response *cached; /* referenced: its bytes are sent */
    struct MHD_Response *whole;     /* 200 */
    struct MHD_Response *unchanged; /* 304, without a body */
    const struct route *route;
};

/* The parts of the verbatim key; a header that is NULL was not sent. */
struct verbatim_request {
    const char *address; /* with the query */
    const char *accept;
    const char *accept_encoding;
    const char *accept_language;
};

enum { MAX_VERBATIM_KEY = 1024 };

/* Writes the key; false: it is too long to be stored. */
bool verbatim_key(const struct verbatim_request *request, char key[MAX_VERBATIM_KEY]);

/* The fresh prebuilt response for a GET or HEAD whose headers are read, with a reference for the
 * caller; *unchanged: the client has the representation, 304 is due. NULL: not found. */
struct prebuilt_response *fast_path_find(const struct application *application,
                                         struct MHD_Connection *connection, const char *address,
                                         bool *unchanged);

/* Stores a prebuilt response made from a finished exchange, if its response came from the cache and
 * depends on no header beyond the verbatim key. */
void fast_path_store(struct response_cache *cache, const struct exchange *exchange);

#endif
