/* Media types: the table of all, with the name in ?format= and the suffix of a file, and the choice
 * for an exchange. A route lists the media types it offers; the first is the default. */
#ifndef ETS144_HTTP_REQUEST_MEDIA_TYPE_H
#define ETS144_HTTP_REQUEST_MEDIA_TYPE_H

#include "http/message/application.h"
#include "http/message/exchange.h"

struct media_type {
    const char *media;        /* as Accept and a route's list name it */
    const char *name;         /* as ?format= names it */
    const char *content_type; /* as the response has it, with parameters */
    const char *suffix;       /* of its files; NULL: it is no export */
    bool streamed_rows;       /* written row by row, for whole sets; else one document */
};

/* The media types of a list: JSON, CSV, NDJSON, JSON-LD; and of an item: JSON, JSON-LD. */
extern const char *const media_type_list_media[];
extern const char *const media_type_table_media[]; /* the same without JSON-LD */
extern const char *const media_type_item_media[];

/* Chooses by ?format=, which overrides Accept; an unknown name becomes a fault in parameters_read.
 * False: the response is 406. */
bool media_type_choose(struct exchange *exchange);

/* The chosen media type; JSON before the choice. */
const struct media_type *media_type_of(const struct exchange *exchange);
bool media_type_is(const struct exchange *exchange, const char *name);
/* Whether the response is a file to save: CSV or NDJSON of a route that names its files. */
bool media_type_is_export(const struct exchange *exchange);

/* "format=csv&", for a URL of the same media type; "" for the default. */
const char *media_type_address(const struct exchange *exchange);

/* The names that ?format= takes on the exchange's route, ending with NULL; NULL: the route has a
 * single media type, or media types without a name, and does not take the parameter. */
const char *const *media_type_names(struct exchange *exchange);

/* Adds the headers that depend on the media type: file name and Content-Digest (RFC 9530) of an
 * export, the link to a table's metadata, a page's Content-Security-Policy, the data's licence. */
void media_type_reply(struct exchange *exchange, const struct application *application);

#endif
