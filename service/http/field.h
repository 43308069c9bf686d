/* Fields of a JSON body: a table says which a route takes and of which form.
 * Form only: what a value means, and whether the Convention allows it, is the law's to say. */
#ifndef ETS144_HTTP_FIELD_H
#define ETS144_HTTP_FIELD_H

#include "http/exchange.h"

enum field_type {
    FIELD_TEXT,
    FIELD_DATE,
    FIELD_STATE,     /* a State's alpha-3 code */
    FIELD_REFERENCE, /* of a treaty action */
    FIELD_CALL,      /* a call's reference */
    FIELD_URL,
    FIELD_UUID,
    FIELD_TIME, /* RFC 3339 */
    FIELD_BOOLEAN,
    FIELD_TEXTS,  /* a list of FIELD_TEXT */
    FIELD_URLS,   /* a list of FIELD_URL */
    FIELD_STATES, /* a list of FIELD_STATE */
    FIELD_OBJECT  /* with members */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    int longest; /* characters of a text; entries of a list (of texts up to FIELD_ENTRY_LONGEST) */
    bool required;
    const struct field *members;
    const char *const *choices; /* what a text, or each of a list, may be; NULL: anything */
};

enum { FIELD_ENTRY_LONGEST = 2000 };

/* Parses the exchange's bytes as a JSON object into exchange->body and checks it by the table.
 * Faults are added with their JSON Pointers. False: the body is no JSON object, and a problem
 * document is already the reply. */
bool fields_read(struct exchange *exchange, const struct field *table);

/* Checks a JSON value, one of many, as an object by the table. Faults are added. */
void fields_check(struct exchange *exchange, const struct field *table, json_t *value);

#endif
