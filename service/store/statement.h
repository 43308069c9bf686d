/* The statements of sql/queries, compiled in: text and parameter names. */
#ifndef ETS144_STORE_STATEMENT_H
#define ETS144_STORE_STATEMENT_H

#include "base/memory.h"

#include <stdbool.h>

struct statement {
    const char *name; /* the file name without .sql; also the name of the prepared statement */
    int index;        /* 0 to STATEMENT_COUNT - 1 */
    int parameter_count;
    const char *const *parameters; /* their names, in order */
    bool resolves_moment; /* each row has _as_of, _known_at, _revision and _projected: the moment
                           * that the statement resolved */
    const char *sql;
};

/* The parameter values in the order that session_run() takes: for each name value_of(source, name),
 * where NULL is SQL's null. The array lives in the arena; the values are borrowed. */
const char *const *statement_bind(struct arena *arena, const struct statement *statement,
                                  const char *(*value_of)(const void *source, const char *name),
                                  const void *source);

/* A value by name. A list of them ends with a NULL name. */
struct named_value {
    const char *name;
    const char *text;
};

/* The value in such a list, NULL if the name is not in it: a value_of for statement_bind(). */
const char *named_value(const void *list, const char *name);

#endif
