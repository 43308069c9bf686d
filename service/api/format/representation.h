/* Representations: lists and items in the negotiated media type. The route table says which media
 * types a resource offers; the handler describes the list and how to make its items. */
#ifndef ETS144_API_FORMAT_REPRESENTATION_H
#define ETS144_API_FORMAT_REPRESENTATION_H

#include "api/format/jsonld.h"
#include "api/format/table.h"
#include "http/message/exchange.h"
#include "store/rows.h"

#include <jansson.h>

struct list {
    json_t *envelope; /* the members around the items; represent_list takes it over */
    int count;
    json_t *(*make)(struct exchange *exchange, const void *source, int index); /* a new reference */
    const void *source;
    const struct table *table;        /* NULL: not offered as CSV */
    const struct jsonld_type *jsonld; /* NULL: not offered as JSON-LD */
};

void represent_list(struct exchange *exchange, const struct list *list);
/* Replies with an item that has an address of its own; takes it over. */
void represent_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);

/* Makes an item from a row, with the members of the parameter `fields`: for lists of rows. */
json_t *represent_row(struct exchange *exchange, const void *rows, int index);
/* Makes an item from an entry of a JSON array. */
json_t *represent_entry(struct exchange *exchange, const void *array, int index);

#endif
