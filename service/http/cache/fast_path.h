/* The fast path: a GET that is spelled as an earlier one is answered with a prebuilt response of
 * libmicrohttpd, before the request is parsed and before Ulfius sees it.
 *
 * The verbatim key is the request's target with its Accept, Accept-Encoding and Accept-Language, as
 * they were sent. A request with another header that decides about its response takes the long way
 * (http/handle/process.h), which stores the prebuilt response for the next one. */
#ifndef ETS144_HTTP_CACHE_FAST_PATH_H
#define ETS144_HTTP_CACHE_FAST_PATH_H

#include "http/cache/response_cache.h"
#include "http/message/application.h"

#include <microhttpd.h>
#include <stdbool.h>

/* A cached response with its headers, as libmicrohttpd sends them. */
struct prebuilt_response {
    struct lru_value value;
    struct cached_response *cached; /* held: its bytes are sent */
    struct MHD_Response *whole;     /* 200 */
    struct MHD_Response *unchanged; /* 304, without a body */
    const struct route *route;
};

/* What the verbatim key is made of; NULL: not sent. */
struct verbatim_request {
    const char *address; /* with the query */
    const char *accept;
    const char *accept_encoding;
    const char *accept_language;
};

enum { MAX_VERBATIM_KEY = 1024 };

/* Writes the key; false: it is longer than any that is stored. */
bool verbatim_key(const struct verbatim_request *request, char key[MAX_VERBATIM_KEY]);

/* The prebuilt response for a GET or HEAD whose headers are read, if it is fresh, with a reference
 * for the caller; *unchanged: the client has it already, and a 304 is due. NULL: there is none. */
struct prebuilt_response *fast_path_find(const struct application *application,
                                         struct MHD_Connection *connection, const char *address,
                                         bool *unchanged);

/* Stores a prebuilt response made of a finished exchange, if that was answered from the cache and
 * no header decided about it that the verbatim key does not have. */
void fast_path_store(struct response_cache *cache, const struct exchange *exchange);

#endif
