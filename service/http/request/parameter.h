/* Query parameters: a table says which a route takes and of which form; one function reads them.
 * A value is stored in canonical form, so that two spellings of one question are one question. */
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
    PARAMETER_NAMES,   /* names separated by commas; whoever uses them checks them */
    PARAMETER_STATE    /* a State's code, canonical in capitals */
};

struct parameter {
    const char *name; /* NULL ends a table */
    enum parameter_type type;
    const char *const *choices; /* ends with NULL */
    long least;
    long most;
    long most_in_lines; /* the same in formats that are written in lines; 0: no other */
    bool required;
    bool today; /* a day that is today if it is not given */
};

/* Reads exchange->query by the table (NULL: none are taken) into the exchange's values, and writes
 * exchange->canonical_query from them.
 * `lang` is taken everywhere, `format` where the route has several. Every fault is added; the
 * caller looks at fault_found. */
void parameters_read(struct exchange *exchange, const struct parameter *table);

#endif
