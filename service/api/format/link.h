/* The member `links` of an item: a table of relations and address templates, in which {member} is
 * replaced by that member of the item. */
#ifndef ETS144_API_FORMAT_LINK_H
#define ETS144_API_FORMAT_LINK_H

#include "http/message/exchange.h"

#include <jansson.h>

struct link {
    const char *relation; /* NULL ends a table */
    const char *address;  /* "/v1/states/{state}" */
};

/* The template with the item's members filled in; NULL: a member that it names is not a string.
 * Lives in the arena. */
const char *link_fill(struct arena *arena, const char *address, const json_t *item);
/* Sets `links`, without the links whose members are null. */
void link_item(struct arena *arena, json_t *item, const struct link *table);

/* Adds service-desc, service-doc (RFC 8631) and api-catalog (RFC 9727) to the header Link. */
void link_service(struct exchange *exchange);

#endif
