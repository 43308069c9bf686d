/* URLs with the canonical query of an exchange, for links. */
#ifndef ETS144_HTTP_REQUEST_CANONICAL_QUERY_H
#define ETS144_HTTP_REQUEST_CANONICAL_QUERY_H

#include "http/message/exchange.h"

/* The path with the exchange's canonical query and the language and media type of its response. The
 * parameters of `without`, which ends with NULL, are left out; NULL: all are included. The URL
 * lives in the exchange's arena. */
const char *canonical_url(struct exchange *exchange, const char *path, const char *const *without);

#endif
