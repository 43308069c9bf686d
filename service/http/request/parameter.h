/* Query parameters: a table has the parameters of a route and their syntax. Values are stored in
 * canonical syntax, so that equivalent queries have the same canonical query, and one cache entry.
 */
#ifndef ETS144_HTTP_REQUEST_PARAMETER_H
#define ETS144_HTTP_REQUEST_PARAMETER_H

#include "http/message/exchange.h"

enum parameter_type {
    PARAMETER_TEXT,
    PARAMETER_DATE,
    PARAMETER_TIME, /* RFC 3339, canonical in UTC; not in the future */
    PARAMETER_BOOLEAN,
    PARAMETER_NUMBER,  /* from least to most */
    PARAMETER_CHOICE,  /* one of choices */
    PARAMETER_CHOICES, /* one or more of choices, separated by commas */
    PARAMETER_NAMES,   /* names separated by commas; checked by the handler */
    PARAMETER_STATE    /* a State's code, canonical in capitals */
};

struct parameter {
    const char *name; /* NULL ends a table */
    enum parameter_type type;
    const char *const *choices; /* ends with NULL */
    long least;
    long most;
    long most_in_lines; /* the same for media types with streamed rows; 0: `most` */
    bool required;
    bool today; /* a day that defaults to today */
};

/* Reads exchange->query by the table (NULL: no parameters) into exchange->parameters, and sets
 * exchange->canonical_query. `lang` is taken everywhere, `format` if the route has several media
 * types. All faults are added; the caller checks fault_found. */
void parameters_read(struct exchange *exchange, const struct parameter *table);

#endif
