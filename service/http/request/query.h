/* The query as it was sent: names and values, still encoded. */
#ifndef ETS144_HTTP_REQUEST_QUERY_H
#define ETS144_HTTP_REQUEST_QUERY_H

#include "http/message/exchange.h"

#include <stdbool.h>
#include <stddef.h>

struct query_pair {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

/* Takes the next one and moves behind it; false: there is none. */
bool query_next(const char **at, struct query_pair *pair);
/* NULL: not decodable, or not UTF-8. */
char *query_decode(struct arena *arena, const char *encoded, size_t length);
/* The value of one parameter, decoded, before any check; NULL if absent or broken. */
const char *query_value(struct exchange *exchange, const char *name);

#endif
