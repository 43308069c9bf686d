/* Linked data: documents and lists as JSON-LD 1.1, by schema.org, ELI and Dublin Core where they
 * have a term, and otherwise by the register's own vocabulary, whose IRIs lead to their
 * definitions.
 *
 * The context stands in the document, so that nothing has to be fetched. A code becomes the IRI of
 * what it names; a State is also named by the EU's authority for countries. IRIs are absolute where
 * the public address is known, and else relative to the document's own. */
#ifndef ETS144_API_FORMAT_JSONLD_H
#define ETS144_API_FORMAT_JSONLD_H

#include "http/message/exchange.h"

#include <jansson.h>

struct jsonld_type {
    const char *type;    /* of an item, by a name of the context */
    const char *address; /* of an item, as link.h has it: /v1/states/{code}; NULL: it has none */
    const char *state;   /* the member that holds a State's code; NULL: none */
    const char *country; /* what the State's IRI by the EU is to the item: sameAs, spatial */
    const char *object;  /* what the item is about, an address; NULL: nothing */
};

/* Makes a plain item one of a type. */
void jsonld_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);

/* Makes an item that stands alone a document, and answers with it; takes it over. */
void jsonld_reply_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);
/* The same with a list of items in their envelope. */
void jsonld_reply_list(struct exchange *exchange, json_t *envelope, json_t *items);

extern const struct jsonld_type states_jsonld;
extern const struct jsonld_type actions_jsonld;
extern const struct jsonld_type statistics_jsonld;
extern const struct jsonld_type series_jsonld;
extern const struct jsonld_type changes_jsonld;
extern const struct jsonld_type convention_jsonld;

#endif
