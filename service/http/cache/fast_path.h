/* Ready replies: kept answers with their headers, as libmicrohttpd sends them, found by how a
 * request is spelled. A dashboard that spells its question as one before it did gets the same reply
 * without anything being read, joined or copied. Bounded as kept answers are (shelf.h). */
#ifndef ETS144_HTTP_CACHE_FAST_PATH_H
#define ETS144_HTTP_CACHE_FAST_PATH_H

#include "http/cache/lru.h"
#include "http/message/exchange.h"

#include <microhttpd.h>
#include <stdbool.h>

struct ready_reply {
    struct ref ref;
    struct cached_response *answer; /* held: its bytes are sent */
    struct MHD_Response *whole;     /* 200 */
    struct MHD_Response *unchanged; /* 304, for a client that has it */
    const struct route *route;
};

/* What of a request decides about its reply, beside its method; NULL: not sent. */
struct spelling {
    const char *address; /* as sent, with the query */
    const char *accept;
    const char *accept_encoding;
    const char *accept_language;
};

enum { MAX_VERBATIM_KEY = 1024 };

/* Writes the spelling as one text; false: it is longer than any that is learnt. */
bool spelling_write(const struct spelling *spelling, char text[MAX_VERBATIM_KEY]);

/* What a request header has to do with its reply. */
enum header_role {
    HEADER_WITHOUT_SAY,
    HEADER_SPECIAL, /* such a request is read in full, each time */
    HEADER_ACCEPT,
    HEADER_ACCEPT_ENCODING,
    HEADER_ACCEPT_LANGUAGE,
    HEADER_IF_NONE_MATCH,
    HEADER_IF_MODIFIED_SINCE
};
enum header_role ready_header_role(const char *name, size_t length);

/* Makes the reply of a finished exchange ready for the next request that is spelled so, if it came
 * from a kept answer and nothing else in the request had a say in it. */
void ready_learn(struct lru_cache *ready, const struct exchange *exchange);

#endif
