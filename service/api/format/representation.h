/* Representations: the one place where a list or an item becomes bytes, in the format that the
 * client asked for. A handler says what the list is and how its items are made; which formats there
 * are for it is in the route table. */
#ifndef ETS144_API_FORMAT_REPRESENTATION_H
#define ETS144_API_FORMAT_REPRESENTATION_H

#include "api/format/jsonld.h"
#include "api/format/table.h"
#include "http/message/exchange.h"
#include "store/rows.h"

#include <jansson.h>

struct list {
    json_t *envelope; /* what stands around the items; the answer takes it over */
    int count;
    json_t *(*make)(struct exchange *exchange, const void *source, int index); /* a new item */
    const void *source;
    const struct table *table;        /* NULL: it is not offered as CSV */
    const struct jsonld_type *jsonld; /* NULL: it is not offered as JSON-LD */
};

void represent_list(struct exchange *exchange, const struct list *list);
/* Answers with an item that has an address of its own; takes it over. */
void represent_item(struct exchange *exchange, const struct jsonld_type *type, json_t *item);

/* What makes an item of a row, for a list whose source is rows; heeds `fields`. */
json_t *represent_row(struct exchange *exchange, const void *rows, int index);
/* The same where the source is a JSON array. */
json_t *represent_entry(struct exchange *exchange, const void *array, int index);

#endif
