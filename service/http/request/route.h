/* Routes: a table of method, path, handler, parameters, body and scope, with the same operations as
 * the contract in openapi/. HEAD and OPTIONS are implied for every path. */
#ifndef ETS144_HTTP_REQUEST_ROUTE_H
#define ETS144_HTTP_REQUEST_ROUTE_H

#include "http/message/application.h"
#include "http/message/exchange.h"
#include "http/request/json_body.h"
#include "http/request/parameter.h"

/* The scope of a route that takes any valid token. */
#define ANY_SCOPE ""

struct route {
    const char *method; /* NULL ends a table */
    const char *path;   /* segments in braces are parameters: /v1/states/{code} */
    void (*handler)(struct exchange *exchange);
    const struct parameter *parameters;       /* NULL: only `lang` */
    const struct json_field *fields;          /* NULL: takes no body */
    void (*check)(struct exchange *exchange); /* adds faults that the table cannot tell, or NULL */
    const char *scope;                        /* NULL: public; ANY_SCOPE: any token */
    const char *reveals; /* the scopes for internal content, by spaces; NULL: all is public */
    bool cacheable;      /* its response is valid until the next revision */
    bool inline_handler; /* never waits, for the database or anything else */
    /* The revision that the client of a long poll has seen; -1: not known, it does not wait. NULL:
     * the route has no long poll. */
    long long (*seen_revision)(struct exchange *exchange);
    const char *const *media; /* the media types offered; NULL: application/json */
    const char *const *takes; /* media types of a body that the handler reads, or NULL */
    bool takes_file;          /* the body may be as long as a file */
    const char *file;         /* in the names of exported files; NULL: no exports */
};

enum route_match { ROUTE_FOUND, ROUTE_METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND, ROUTE_MALFORMED };

/* Finds the route for the exchange's method and path; sets exchange->route and the parameters of
 * the path. HEAD finds the route of GET. */
enum route_match route_find(struct exchange *exchange, const struct route *table);

/* The largest body that the route takes, in bytes. */
long route_max_body(const struct route *route, const struct application *application);

/* The methods of the path, for the header Allow; NULL: no route has the path. */
const char *route_allow(struct exchange *exchange, const struct route *table);

#endif
