/* The member `links` of an item: a table of relations and address templates, in which {member} is
 * replaced by that member of the item. */
#ifndef ETS144_API_FORMAT_LINK_H
#define ETS144_API_FORMAT_LINK_H

#include "base/buffer.h"
#include "http/message/exchange.h"
#include "render/row.h"

struct link {
    const char *relation; /* NULL ends a table */
    const char *address;  /* "/v1/states/{state}" */
};

/* The item's member of that name; NULL: it has none, or it is not a string. */
typedef const char *(*link_value_of)(const void *item, const char *name);

/* The template with the item's members filled in; NULL: one of them is NULL. In the arena. */
const char *link_fill(struct arena *arena, const char *address, link_value_of value_of,
                      const void *item);
/* A link_value_of for an item that is a json_t object. */
const char *link_member(const void *item, const char *name);

/* Adds the member `links` to an object that is still open, without the links whose members are
 * null. The members are the columns of the row whose names begin with the group: "data.". */
void link_row(struct arena *arena, const struct link *table, const struct row_plan *plan, int row,
              const char *group, struct buffer *buffer);

/* Adds service-desc, service-doc (RFC 8631) and api-catalog (RFC 9727) to the header Link. */
void link_service(struct exchange *exchange);

#endif
