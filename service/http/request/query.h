/* The query as sent: names and values, percent-encoded. */
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

/* Reads the next pair and advances; false: the end. */
bool query_next(const char **at, struct query_pair *pair);
/* Decodes into the arena. NULL: not decodable, or not UTF-8. */
char *query_decode(struct arena *arena, const char *encoded, size_t length);
/* The decoded value of a parameter, unchecked; NULL if absent or malformed. */
const char *query_value(struct exchange *exchange, const char *name);

#endif
