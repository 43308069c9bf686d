/* Routes: one table of method, path, what is taken and who may; the contract in openapi/ and this
 * table name the same operations. HEAD and OPTIONS come with every path. */
#ifndef ETS144_HTTP_REQUEST_ROUTE_H
#define ETS144_HTTP_REQUEST_ROUTE_H

#include "http/message/application.h"
#include "http/message/exchange.h"
#include "http/request/json_body.h"
#include "http/request/parameter.h"

struct route {
    const char *method; /* NULL ends a table */
    const char *path;   /* segments in braces are values: /v1/states/{code} */
    void (*handler)(struct exchange *exchange);
    const struct parameter *parameters; /* NULL: only `lang` */
    const struct json_field *fields;    /* NULL: takes no body */
    const char *scope;                  /* NULL: anyone may */
    const char *reveals;                /* the scope that shows internal content; NULL: has none */
    bool cacheable;                     /* its response holds until the next revision */
    bool inline_handler;                /* never waits, for the database or anything else */
    /* For a long poll: the revision that the client has seen; -1: it does not wait. NULL: it
     * cannot. */
    long long (*seen_revision)(struct exchange *exchange);
    const char *const *media; /* what it is offered as; NULL: application/json */
    const char *const *takes; /* a body the handler reads, as one of these; NULL: none */
    bool takes_file;          /* and it may be as long as a file */
    const char *file;         /* names the files of its exports; NULL: has none */
};

enum route_match { ROUTE_FOUND, ROUTE_METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND, ROUTE_MALFORMED };

/* Finds the route for the exchange's method and path; sets exchange->route and the values of the
 * path's segments. HEAD finds the GET route. */
enum route_match route_find(struct exchange *exchange, const struct route *table);

/* The largest body that the route takes, in bytes. */
long route_max_body(const struct route *route, const struct application *application);

/* The methods that the path takes, as Allow lists them; NULL if the path is nobody's. */
const char *route_allow(struct exchange *exchange, const struct route *table);

#endif
