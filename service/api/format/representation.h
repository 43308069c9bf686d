/* Representations: lists and items in the negotiated media type. The route table says which media
 * types a resource offers; the handler describes the list and how to write its items. */
#ifndef ETS144_API_FORMAT_REPRESENTATION_H
#define ETS144_API_FORMAT_REPRESENTATION_H

#include "api/format/jsonld.h"
#include "api/format/table.h"
#include "base/buffer.h"
#include "http/message/exchange.h"

#include <jansson.h>

struct list {
    json_t *envelope; /* the members around the items; represent_list takes it over */
    int count;
    /* Writes an item as a JSON object. */
    void (*write)(struct exchange *exchange, const void *source, int index, struct buffer *buffer);
    const void *source;
    const struct rows *rows;          /* if the items are rows: CSV is written of these */
    const struct table *table;        /* NULL: not offered as CSV */
    const struct jsonld_type *jsonld; /* NULL: not offered as JSON-LD */
};

void represent_list(struct exchange *exchange, const struct list *list);
/* Replies with an item that has an address of its own; takes its bytes over. */
void represent_item(struct exchange *exchange, const struct jsonld_type *type, struct buffer *item);
/* Replies with JSON; takes the bytes over. */
void reply_buffer(struct exchange *exchange, int status, const struct buffer *buffer);

/* Begins an object with the members of the envelope, which it takes over; it is still open. */
void represent_begin(struct buffer *buffer, json_t *envelope);
/* Begins the list as an object, with its items; it is still open. */
void represent_items(struct exchange *exchange, const struct list *list, struct buffer *buffer);
/* Writes a row of a plan (render/row.h). */
void represent_row(struct exchange *exchange, const void *plan, int index, struct buffer *buffer);
/* Writes an entry of a JSON array. */
void represent_entry(struct exchange *exchange, const void *array, int index,
                     struct buffer *buffer);

#endif
