/* Rows as JSON. The columns of the statement are the members, in their order: a dot in a name nests
 * ("signature.date"), an object whose members are all null is null, and a name that begins with _
 * is not shown. To add a member, add a column.
 *
 * How the columns nest is worked out once, in a plan; each row is then copied straight into a
 * buffer. */
#ifndef ETS144_RENDER_ROW_H
#define ETS144_RENDER_ROW_H

#include "base/buffer.h"
#include "base/memory.h"
#include "store/rows.h"

#include <jansson.h>
#include <stdbool.h>

struct row_plan {
    const struct rows *rows; /* borrowed */
    struct row_member *members;
};

/* For all rows of a result; in the arena. fields: the top-level members to show, separated by
 * commas; NULL: all. */
const struct row_plan *row_plan_make(struct arena *arena, const struct rows *rows,
                                     const char *fields);
/* The row as an object. */
void row_write(const struct row_plan *plan, int row, struct buffer *buffer);
/* Its members, into an object that is still open. */
void row_write_members(const struct row_plan *plan, int row, struct buffer *buffer);

/* The row as a tree, a new reference, for what is changed before it is written. */
json_t *row_tree(struct arena *arena, const struct rows *rows, int row, const char *fields);

/* Whether the name, up to its first dot, is one of the fields (NULL: all), and does not begin with
 * _. */
bool row_shows(const char *name, const char *fields);
/* Whether all fields, separated by commas, are top-level members of the rows. False: `unknown` is
 * the first that is not, in the arena. */
bool row_knows(struct arena *arena, const struct rows *rows, const char *fields,
               const char **unknown);
/* The names of the top-level members, separated by commas. */
const char *row_names(struct arena *arena, const struct rows *rows);

#endif
