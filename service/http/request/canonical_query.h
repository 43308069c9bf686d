/* The question of an exchange, as this register writes it in addresses that it gives out. */
#ifndef ETS144_HTTP_REQUEST_CANONICAL_QUERY_H
#define ETS144_HTTP_REQUEST_CANONICAL_QUERY_H

#include "http/message/exchange.h"

/* Another address about the same question: the path with the question behind it, in the language
 * of the answer. The parameters of `without`, which ends with NULL, are left out; NULL: none. */
const char *canonical_url(struct exchange *exchange, const char *path, const char *const *without);

#endif
