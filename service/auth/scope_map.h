/* Scopes of a person, by a claim of the access token: its values are scopes of the register, or are
 * mapped to them by the operator. */
#ifndef ETS144_AUTH_SCOPE_MAP_H
#define ETS144_AUTH_SCOPE_MAP_H

#include <jansson.h>

struct scope_map;

/* Reads "editor=actions:write,calls:write; reader=outlook:read". "": the values of the claim are
 * the scopes. The claim is a name, or a JSON Pointer (RFC 6901) such as /realm_access/roles; it is
 * borrowed until scope_map_free(). NULL: the text cannot be read, and a sentence is on stderr. */
struct scope_map *scope_map_read(const char *claim, const char *text);
void scope_map_free(struct scope_map *map); /* NULL is fine */

/* The scopes that the claims give, as an array; caller frees. A claim that is a text is a list
 * separated by spaces (RFC 6749 §3.3); an array of texts is taken as it is. Values that are no
 * scope and have no mapping give nothing. */
json_t *scope_map_apply(const struct scope_map *map, const json_t *claims);

#endif
