/* One exchange (RFC 9110 §3.4): a request, and the response as it is made. It begins when the
 * request's headers are read and ends when the response is handed over. Client, route, language,
 * media type and caller are decided once and recorded here. All it points to lives in its arena,
 * unless a comment says otherwise. */
#ifndef ETS144_HTTP_MESSAGE_EXCHANGE_H
#define ETS144_HTTP_MESSAGE_EXCHANGE_H

#include "base/memory.h"
#include "base/ref.h"
#include "http/message/admission.h"
#include "http/message/client.h"
#include "http/message/encoding.h"
#include "http/message/message.h"
#include "http/message/rate_limit.h"
#include "http/message/refusal.h"
#include "http/message/trace.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct route;
struct media_type;

enum { MAX_RESPONSE_HEADERS = 24 };

/* A named text; a text that is NULL is absent, null in SQL. */
struct value {
    const char *name;
    const char *text;
};

struct values {
    struct value *items;
    size_t count;
    size_t capacity;
};

struct header {
    const char *name;
    const char *text;
};

struct headers {
    struct header *items;
    size_t count;
    size_t capacity;
};

/* A column of an uploaded file, and the JSON field of a row that it fills. */
struct file_column {
    const char *name;    /* NULL ends a list */
    const char *pointer; /* RFC 6901 */
};

/* Legal time, knowledge time and revision of a response. */
struct moment {
    const char *as_of;    /* YYYY-MM-DD; NULL: none */
    const char *known_at; /* a time with its zone; NULL: none */
    const char *revision; /* decimal; NULL: not known */
    bool projected;       /* as_of is in the future: a projection from the recorded actions */
};

/* The holder of the request's token: a machine by a token of the register, or a person by an access
 * token of the identity provider. */
struct caller {
    const char *name;           /* for the log; NULL: no token was looked up */
    const char *token_digest;   /* of a machine, hexadecimal; NULL: no such token was sent */
    const char *person;         /* JSON: {issuer, subject, name, scopes, expires_at}; NULL: none */
    const char *scopes;         /* JSON: an array */
    const char *expires_at;     /* of a machine's token; NULL: it does not expire */
    bool sees_internal;         /* has a scope for the route's internal content */
    bool sees_all_internal;     /* has every scope for it */
    const char *internal_types; /* the types of record whose internal content it sees; NULL: none */
};

/* The response. */
struct response {
    int status;
    const char *content_type; /* NULL: the response has no body */
    const char *bytes;        /* the body, or NULL */
    size_t length;
    /* The owner of `bytes`: at most one is set, and freed or released with the exchange. */
    char *owned;      /* from malloc */
    struct ref *held; /* the object that `bytes` belong to */
    const char *etag; /* of the representation, with its quotes, or NULL */
    enum encoding encoding;
    time_t modified; /* seconds since 1970: the last change of the representation; 0: not known */
    struct header headers[MAX_RESPONSE_HEADERS];
    int header_count;
};

/* The use of the response cache. */
enum cache_result { CACHE_NOT_USED, CACHE_HIT, CACHE_MISS, CACHE_STALE, CACHE_RESULTS };

/* How far process_request() has come (http/handle/process.h). */
enum progress { PROGRESS_BEGUN, PROGRESS_HEAD_ACCEPTED, PROGRESS_HEAD_REFUSED, PROGRESS_FINISHED };

struct exchange {
    struct arena *arena;
    void *context;     /* of the handlers (context.h); opaque to http/ */
    long long started; /* clock_microseconds */
    enum progress progress;

    /* The request. */
    const char *request_id;
    const char *method;
    const char *address; /* as sent, with the query */
    const char *path;    /* normalized (RFC 3986 §6.2.2), without the query */
    const char *query;   /* as sent, without the question mark; "" if none */
    struct headers request_headers;
    const char *request_bytes; /* the whole body */
    size_t request_length;
    struct client client;
    enum admission admission;
    enum refusal refusal; /* by the bytes alone, before anything else */
    bool body_refused;    /* no memory was left for the body */
    struct trace trace;

    /* Decided once, from the head. */
    const struct route *route;           /* NULL: no route matched */
    enum language language;              /* of the response */
    const struct media_type *media_type; /* of the response; NULL: not chosen yet */
    struct caller caller;
    struct rate_limit_result limited; /* if there is a rate limit */
    struct values parameters;         /* of the client, from path and query */
    const char *canonical_query;      /* the table's order, canonical values, no language */
    const char *content_type;         /* of the body, where the route takes several */
    const char *body_digest;          /* SHA-256 of the body, hexadecimal; NULL: not computed */
    json_t *body;                     /* the request's JSON, or NULL; owned */

    /* Of the handler. */
    struct values arguments; /* of statements; they take precedence over the parameters */
    struct moment asked;     /* as requested by the client */
    struct moment moment;    /* of the response: as requested, then as resolved by the database */
    long long database_us;   /* microseconds spent waiting for the database */
    json_t *faults;          /* errors[] of the problem document, or NULL; owned */
    size_t fault_count;      /* all faults found; errors[] may have fewer */
    int line;                /* of the uploaded file, for faults; 0: the fault is not in a file */
    const struct file_column *columns; /* of that file; NULL: faults have JSON Pointers */

    enum cache_result cache_result;
    struct response response;
};

/* Frees all that the exchange owns, with its arena. */
void exchange_end(struct exchange *exchange);

/* message_fill in the language and the arena of the exchange. */
const char *exchange_sentence(const struct exchange *exchange, enum message message,
                              const char *first, const char *second, const char *third);

/* Adds a request header; a repeated header is joined to the first by a comma (RFC 9110 §5.3). Both
 * texts must live as long as the exchange. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *text);
/* The request header's value; NULL: it was not sent. */
const char *exchange_header(const struct exchange *exchange, const char *name);

/* The client's parameter, from path or query; NULL: not given. */
const char *exchange_parameter(const struct exchange *exchange, const char *name);
bool exchange_parameter_is(const struct exchange *exchange, const char *name, const char *text);
/* Sets or replaces; both texts must live as long as the exchange. */
void exchange_set_parameter(struct exchange *exchange, const char *name, const char *text);

/* Sets a statement's argument; it takes precedence over the client's parameter of that name. Both
 * texts must live as long as the exchange. */
void exchange_set_argument(struct exchange *exchange, const char *name, const char *text);
/* The value for a statement's parameter of that name: the argument; else as_of, known_at, revision,
 * lang, person, token_digest, body_digest or internal from the exchange's own members; else the
 * client's parameter; else NULL. */
const char *exchange_value(const struct exchange *exchange, const char *name);

/* Adds a response header. The name is a static text; the text must live as long as the exchange. */
void reply_header(struct exchange *exchange, const char *name, const char *text);
/* NULL: the response does not have the header. */
const char *response_header_find(const struct response *response, const char *name);
/* Whether a 304 carries the header: not those about the body, but Content-Location and, instead of
 * Last-Modified, the tag (RFC 9110 §15.4.5). */
bool response_header_goes_with_304(const char *name);
/* Adds to the header Link (RFC 8288). */
void reply_link(struct exchange *exchange, const char *link);
/* Responds with a JSON document; takes the reference over. */
void reply_json(struct exchange *exchange, int status, json_t *document);
/* Responds with bytes from malloc, which it takes over. */
void reply_bytes(struct exchange *exchange, int status, const char *content_type, char *bytes,
                 size_t length);

#endif
