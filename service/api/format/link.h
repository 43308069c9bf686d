/* Links of an item to what explains and continues it: a table of relations and addresses, in which
 * {member} stands for the item's own. */
#ifndef ETS144_API_FORMAT_LINK_H
#define ETS144_API_FORMAT_LINK_H

#include "http/message/exchange.h"

#include <jansson.h>

struct link {
    const char *relation; /* NULL ends a table */
    const char *address;  /* "/v1/states/{state}" */
};

/* The address with the item's members in it; NULL: the item does not have what the address names.
 */
const char *link_fill(struct arena *arena, const char *address, const json_t *item);
/* Sets the member `links`; an address with a member that is null is left out. */
void link_item(struct arena *arena, json_t *item, const struct link *table);

/* Adds to the header Link where the service is described: for programs, for people (RFC 8631), and
 * the catalogue (RFC 9727). */
void link_service(struct exchange *exchange);

#endif
