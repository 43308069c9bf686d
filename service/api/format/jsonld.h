/* Linked data: documents and lists as JSON-LD 1.1. Terms come from schema.org, ELI and Dublin Core;
 * a member without a term there gets an IRI of the register's own vocabulary, which dereferences to
 * its definition.
 *
 * The context is part of the document, so that a processor fetches nothing. Codes and references
 * become IRIs; a State also gets its IRI in the EU's country authority table. IRIs are absolute if
 * the public address is set, otherwise relative. */
#ifndef ETS144_API_FORMAT_JSONLD_H
#define ETS144_API_FORMAT_JSONLD_H

#include "http/message/exchange.h"

#include <jansson.h>

struct jsonld_type {
    const char *type;    /* a term of the context */
    const char *address; /* template of the item's IRI, as in link.h; NULL: a blank node */
    const char *state;   /* the member with a State's code; NULL: the item has no such member */
    const char *country; /* the property that takes the EU's IRI of that State: sameAs, spatial */
    const char *object;  /* the address of the thing that the item is about; NULL: no property */
};

/* Turns a plain item into a node of the type, in place. */
void jsonld_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);

/* Replies with the item as a document; takes it over. */
void jsonld_reply_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);
/* Replies with a list of nodes in their envelope; takes both over. */
void jsonld_reply_list(struct exchange *exchange, json_t *envelope, json_t *items);

extern const struct jsonld_type states_jsonld;
extern const struct jsonld_type actions_jsonld;
extern const struct jsonld_type statistics_jsonld;
extern const struct jsonld_type series_jsonld;
extern const struct jsonld_type changes_jsonld;
extern const struct jsonld_type convention_jsonld;

#endif
