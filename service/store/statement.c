#include "store/statement.h"

#include <string.h>

const char *const *statement_bind(struct arena *arena, const struct statement *statement,
                                  const char *(*value_of)(const void *source, const char *name),
                                  const void *source)
{
    const size_t count = (size_t)statement->parameter_count;
    const char **values = arena_allocate(arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        values[i] = value_of(source, statement->parameters[i]);
    }
    return values;
}

const char *named_value(const void *list, const char *name)
{
    for (const struct named_value *value = list; value->name != NULL; value++) {
        if (strcmp(value->name, name) == 0) {
            return value->text;
        }
    }
    return NULL;
}
