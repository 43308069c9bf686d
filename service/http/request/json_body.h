/* JSON bodies: a table has the fields of a route and their syntax. Only the syntax is checked here;
 * the database decides whether the Convention allows the values. */
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
    const char *const *choices; /* the allowed texts, also of a list's entries; NULL: any */
};

enum { MAX_LIST_ENTRY = 2000 };

/* Parses the request's body as a JSON object into exchange->body and checks it by the table. Faults
 * are added with their JSON Pointers. False: the body is no JSON object, and the response is a
 * problem. */
bool json_body_parse(struct exchange *exchange, const struct json_field *table);

/* Checks a JSON value as an object by the table, for rows of a file. Faults are added. */
void json_body_check(struct exchange *exchange, const struct json_field *table, json_t *value);

#endif
