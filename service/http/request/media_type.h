/* Formats: the media types that resources are offered in, each with its name in ?format= and how it
 * is saved as a file. A route lists those it has (its first one is what it gives if nobody says);
 * which one an exchange gets is decided here, and a handler asks which it is. */
#ifndef ETS144_HTTP_REQUEST_MEDIA_TYPE_H
#define ETS144_HTTP_REQUEST_MEDIA_TYPE_H

#include "http/message/application.h"
#include "http/message/exchange.h"

struct media_type {
    const char *media;        /* as Accept and a route's list name it */
    const char *name;         /* as ?format= names it */
    const char *content_type; /* as the answer has it, with parameters */
    const char *suffix;       /* of a file with it; NULL: it is no export */
    bool streamed_rows;       /* written item by item, for whole sets; else a document */
};

/* JSON, CSV, NDJSON and JSON-LD: what a list is offered in. JSON and JSON-LD: what one item is. */
extern const char *const media_type_list_media[];
extern const char *const media_type_item_media[];

/* Chooses by ?format=, which beats Accept; an unknown name is found with the other parameters.
 * False: 406 is the reply. */
bool media_type_choose(struct exchange *exchange);

/* The one that was chosen. */
const struct media_type *media_type_of(const struct exchange *exchange);
bool media_type_is(const struct exchange *exchange, const char *name);
/* Whether the answer is a file to save: CSV or NDJSON of a route that names its files. */
bool media_type_is_export(const struct exchange *exchange);

/* "format=csv&", for an address that is to give the same; "": it will without. */
const char *media_type_address(const struct exchange *exchange);

/* The names that ?format= takes on the exchange's route, ending with NULL; NULL: it has one format
 * or media without a name, and no such parameter. */
const char *const *media_type_names(struct exchange *exchange);

/* Adds to a finished answer what its format asks for: to a file a name with its day and the digest
 * of the bytes as they are sent (RFC 9530), to a table where its columns are described, to a page
 * its policy; and to any data their licence. */
void media_type_reply(struct exchange *exchange, const struct application *application);

#endif
