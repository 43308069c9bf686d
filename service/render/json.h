/* Rows as JSON. The columns of the statement are the members, in their order: a dot in a name nests
 * ("signature.date"), an object whose members are all null is null, and a name that begins with _
 * is not shown. To add a member, add a column. */
#ifndef ETS144_RENDER_JSON_H
#define ETS144_RENDER_JSON_H

#include "base/memory.h"
#include "store/rows.h"

#include <jansson.h>
#include <stdbool.h>

/* A row as an object, and all rows as an array: new references. fields: the top-level members to
 * show, separated by commas; NULL: all. */
json_t *render_row(struct arena *arena, const struct rows *rows, int row, const char *fields);
json_t *render_rows(struct arena *arena, const struct rows *rows, const char *fields);

/* Whether the name, up to its first dot, is one of the fields (NULL: all), and does not begin with
 * _. */
bool render_shows(const char *name, const char *fields);
/* Whether all fields, separated by commas, are top-level members of the rows. False: `unknown` is
 * the first that is not, in the arena. */
bool render_knows(struct arena *arena, const struct rows *rows, const char *fields,
                  const char **unknown);
/* The names of the top-level members, separated by commas. */
const char *render_names(struct arena *arena, const struct rows *rows);

/* A time as PostgreSQL writes it in UTC ("2026-11-24 09:30:00.5+00") in RFC 3339, with microseconds
 * and Z. */
const char *render_time(struct arena *arena, const char *value);

#endif
