#include "http/request/query.h"

#include "base/syntax.h"

#include <string.h>

bool query_next(const char **at, struct query_pair *pair)
{
    while (**at == '&') {
        (*at)++;
    }
    if (**at == '\0') {
        return false;
    }
    size_t length = strcspn(*at, "&");
    const char *equals = memchr(*at, '=', length);
    pair->name = *at;
    pair->name_length = equals != NULL ? (size_t)(equals - *at) : length;
    pair->value = equals != NULL ? equals + 1 : *at + length;
    pair->value_length = equals != NULL ? length - pair->name_length - 1 : 0;
    *at += length;
    return true;
}

char *query_decode(struct arena *arena, const char *encoded, size_t length)
{
    char *decoded = arena_allocate(arena, length + 1);
    if (!syntax_decode_percent(encoded, length, true, decoded) ||
        !syntax_is_utf8(decoded, strlen(decoded))) {
        return NULL;
    }
    return decoded;
}

const char *query_value(struct exchange *exchange, const char *name)
{
    const char *at = exchange->query;
    for (struct query_pair pair; query_next(&at, &pair);) {
        const char *given = query_decode(exchange->arena, pair.name, pair.name_length);
        if (given != NULL && strcmp(name, given) == 0) {
            return query_decode(exchange->arena, pair.value, pair.value_length);
        }
    }
    return NULL;
}
