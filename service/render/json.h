/* Rows → JSON. The statement's own columns say everything: their order is the members' order, a
 * dot in a name nests ("signature.date"), an object whose members are all null is null, and a
 * name that begins with _ is not shown. Adding a member is adding a column. */
#ifndef ETS144_RENDER_JSON_H
#define ETS144_RENDER_JSON_H

#include "base/memory.h"
#include "store/rows.h"

#include <jansson.h>
#include <stdbool.h>

/* One row as an object; fields: the top-level members to show, separated by commas, or NULL. */
json_t *render_row(struct arena *arena, const struct rows *rows, int row, const char *fields);
json_t *render_rows(struct arena *arena, const struct rows *rows, const char *fields);

/* Whether a member's name, up to its first dot, is in the list of fields (NULL: all are), and none
 * that is not shown. */
bool render_shows(const char *name, const char *fields);
/* Whether every one of the fields, separated by commas, is a top-level member of the rows.
 * The first that is not is copied to unknown. */
bool render_knows(struct arena *arena, const struct rows *rows, const char *fields,
                  const char **unknown);
/* The names of the top-level members, separated by commas. */
const char *render_names(struct arena *arena, const struct rows *rows);

/* A moment as PostgreSQL writes it in UTC ("2026-11-24 09:30:00.5+00") as RFC 3339 has it, with
 * microseconds and Z. */
const char *render_time(struct arena *arena, const char *value);

#endif
