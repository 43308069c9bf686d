/* JSON bodies: a table has the fields of a route and their syntax. Only the syntax is checked here;
 * the database decides whether the Convention allows the values. */
#ifndef ETS144_HTTP_REQUEST_JSON_BODY_H
#define ETS144_HTTP_REQUEST_JSON_BODY_H

#include "http/message/exchange.h"

enum json_field_type {
    FIELD_TEXT,
    FIELD_DATE,
    FIELD_STATE,             /* a State's alpha-3 code */
    FIELD_ALPHA2,            /* a State's alpha-2 code */
    FIELD_NUMERIC_CODE,      /* a State's numeric code */
    FIELD_REFERENCE,         /* of a treaty action */
    FIELD_REFERENCE_OR_NAME, /* the same, or the local name of an operation: #deposit */
    FIELD_CALL,              /* a call's reference */
    FIELD_URL,
    FIELD_UUID,
    FIELD_TIME, /* RFC 3339 */
    FIELD_BOOLEAN,
    FIELD_NUMBER,  /* a whole number from 1 on */
    FIELD_TEXTS,   /* a list of FIELD_TEXT */
    FIELD_URLS,    /* a list of FIELD_URL */
    FIELD_STATES,  /* a list of FIELD_STATE */
    FIELD_OBJECT,  /* with members */
    FIELD_OBJECTS, /* a list of objects with members */
    FIELD_DOCUMENT /* an object whose members the route's own check knows */
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

/* Checks a JSON value as an object by the table. Faults are added; their JSON Pointers begin with
 * `pointer`, "" for a row of a file. */
void json_body_check(struct exchange *exchange, const char *pointer, const struct json_field *table,
                     json_t *value);
/* Adds a fault of a route's own check. The words may be NULL. */
void json_body_fault(struct exchange *exchange, const char *pointer, enum message message,
                     const char *first, const char *second);

#endif
