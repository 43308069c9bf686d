/* Fields of a JSON body: a table says which a route takes and of which form.
 * Form only: what a value means, and whether the Convention allows it, is the law's to say. */
#ifndef ETS144_HTTP_REQUEST_JSON_BODY_H
#define ETS144_HTTP_REQUEST_JSON_BODY_H

#include "http/message/exchange.h"

enum json_field_type {
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

struct json_field {
    const char *name; /* NULL ends a table */
    enum json_field_type type;
    int longest; /* characters of a text; entries of a list (of texts up to MAX_LIST_ENTRY) */
    bool required;
    const struct json_field *members;
    const char *const *choices; /* what a text, or each of a list, may be; NULL: anything */
};

enum { MAX_LIST_ENTRY = 2000 };

/* Parses the exchange's bytes as a JSON object into exchange->body and checks it by the table.
 * Faults are added with their JSON Pointers. False: the body is no JSON object, and a problem
 * document is already the reply. */
bool json_body_parse(struct exchange *exchange, const struct json_field *table);

/* Checks a JSON value, one of many, as an object by the table. Faults are added. */
void json_body_check(struct exchange *exchange, const struct json_field *table, json_t *value);

#endif
