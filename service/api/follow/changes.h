/* The change feed: what the register's writes brought about, in commit order. */
#ifndef ETS144_API_FOLLOW_CHANGES_H
#define ETS144_API_FOLLOW_CHANGES_H

#include "http/message/exchange.h"
#include "render/row.h"

#include <stdbool.h>

/* Writes an entry of the statement `changes` as a CloudEvents 1.0 event with its links. */
void change_write(struct arena *arena, const struct row_plan *plan, int row, struct buffer *buffer);

/* Where an entry leads: the first of its links. state and reference may be NULL. */
const char *change_address(struct arena *arena, const char *category, const char *state,
                           const char *reference);

/* Whether what a cursor carries is a place in the feed; two NULLs are its beginning. */
bool change_place_is_valid(const char *at, const char *number);

/* For route.seen_revision: all revisions up to this one were shown to the follower whose cursor the
 * request has; -1: it has none. */
long long changes_seen_revision(struct exchange *exchange);

/* Sets the values after_at and after_number from a cursor of the feed, whatever its cursor_filters;
 * both are null at the beginning. False: it is none. */
bool change_parse_cursor(struct exchange *exchange, const char *cursor);

#endif
