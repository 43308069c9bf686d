/* One exchange: a request as it was read, and the reply as it grows.
 * Passed down from the server to the handler; everything it points to lives in its arena. */
#ifndef ETS144_HTTP_MESSAGE_EXCHANGE_H
#define ETS144_HTTP_MESSAGE_EXCHANGE_H

#include "base/memory.h"
#include "http/message/client.h"
#include "http/message/encoding.h"
#include "http/message/message.h"
#include "http/message/rate_limit.h"
#include "http/message/trace.h"
#include "http/server/connection_limit.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <ulfius.h>

struct route;
struct cached_response;
struct states_at_hand;

enum { MAX_VALUES = 32, MAX_RESPONSE_HEADERS = 24 };

/* A named text: a path segment, a query parameter, or what a handler adds for a statement. */
struct value {
    const char *name;
    const char *text; /* NULL: absent, SQL's null */
};

struct header {
    const char *name;
    const char *text;
};

/* A column of a file that is read, and the field of a row's document that it fills. */
struct file_column {
    const char *name;    /* NULL ends a list */
    const char *pointer; /* RFC 6901 */
};

struct reply {
    int status;
    const char *content_type; /* NULL: the reply has no body */
    char *body;               /* from malloc */
    size_t length;
    struct cached_response *cached; /* instead of a body: held, and released with the exchange */
    const char *etag;               /* of the representation, with its quotes; NULL: none */
    enum encoding encoding;
    time_t modified; /* when the register came to say so, in seconds since 1970; 0: not known */
    struct header headers[MAX_RESPONSE_HEADERS];
    int header_count;
};

/* What a kept answer had to do with the reply. */
enum cache_result { CACHE_NOT_USED, CACHE_HIT, CACHE_MISS, CACHE_STALE, CACHE_RESULTS };

struct exchange {
    struct arena *arena;
    void *context; /* of the handlers (context.h); the server does not look into it */
    const char *request_id;
    const char *method;
    const char *address; /* as sent, with the query */
    const char *path;    /* as sent, without the query */
    const char *query;   /* as sent, behind the question mark; "" if none */
    /* The query as this register writes it: the table's order, canonical values, no language. */
    const char *canonical_query;
    const struct _u_map *request_headers;
    const char *request_bytes;
    size_t request_length;
    const struct route *route; /* NULL: none matched */
    enum language language;
    struct value values[MAX_VALUES];
    int value_count;
    json_t *body; /* the request's JSON, or NULL */
    struct client client;
    enum admission admission;
    bool unframed;                    /* nobody can tell where the request ends */
    struct rate_limit_result limited; /* of the client's quota, where there is one */
    struct trace trace;
    enum cache_result cache_result;
    /* What whoever asks has of the answer already (api/states.h); NULL: nothing. */
    const struct states_at_hand *states;
    long long database_us; /* microseconds that it waited for the database */
    const char *caller;    /* who wrote, for the record; NULL: nobody was asked */
    json_t *faults;        /* errors[] of the problem document in the making, or NULL */
    size_t fault_count;    /* as many were found; errors[] may hold fewer */
    int line; /* of the file that is read: the faults found now are there; 0: elsewhere */
    const struct file_column *columns; /* of that file; NULL: it has none, faults have pointers */
    struct reply reply;
};

/* Frees what the exchange holds; its arena, too. */
void exchange_end(struct exchange *exchange);

/* The request header's value; NULL if it was not sent. Repeated headers are joined by commas. */
const char *exchange_header(const struct exchange *exchange, const char *name);

/* NULL if there is no such value. */
const char *exchange_value(const struct exchange *exchange, const char *name);
/* Sets or replaces; both texts must live as long as the exchange. */
void exchange_set_value(struct exchange *exchange, const char *name, const char *text);
bool exchange_value_is(const struct exchange *exchange, const char *name, const char *text);

void reply_header(struct exchange *exchange, const char *name, const char *text);
/* NULL: the reply has no such header yet. */
const char *reply_header_find(const struct reply *reply, const char *name);
/* What tells of bytes goes with them: a 304 has neither, but their place, and their tag instead of
 * their time (RFC 9110 §15.4.5). */
bool reply_header_goes_with_304(const char *name);
/* Adds to the header Link (RFC 8288). */
void reply_link(struct exchange *exchange, const char *link);
/* Answers with a JSON document; takes the reference over. */
void reply_json(struct exchange *exchange, int status, json_t *document);
/* Answers with bytes from malloc, which it takes over. */
void reply_bytes(struct exchange *exchange, int status, const char *content_type, char *bytes,
                 size_t length);

#endif
