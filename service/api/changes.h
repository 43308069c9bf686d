/* The change feed: what the register's writes brought about, in commit order. */
#ifndef ETS144_API_CHANGES_H
#define ETS144_API_CHANGES_H

#include "memory.h"
#include "store/rows.h"

#include <jansson.h>

/* An entry of the statement `changes` as a CloudEvents 1.0 event with its links. */
json_t *change_item(struct arena *arena, const struct rows *rows, int row);

#endif
