/* JSON as text, written straight into a buffer. The bytes are those that Jansson dumps with
 * JSON_COMPACT and JSON_REAL_PRECISION(6), but for integers beyond 64 bits, which are copied. */
#ifndef ETS144_RENDER_JSON_H
#define ETS144_RENDER_JSON_H

#include "base/buffer.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A string in UTF-8. */
void json_add_text(struct buffer *buffer, const char *text, size_t length);
/* A number as PostgreSQL writes it; what is no number becomes null. */
void json_add_number(struct buffer *buffer, const char *text);
/* A time as PostgreSQL writes it in UTC, as render_time() has it. */
void json_add_time(struct buffer *buffer, const char *value);
/* Well-formed JSON, without its white space. */
void json_add_compact(struct buffer *buffer, const char *json);
/* NULL: null. */
void json_add_tree(struct buffer *buffer, const json_t *tree);

/* Whether the next member or entry is not the first of its object or list. */
bool json_needs_comma(const struct buffer *buffer);
/* The comma, if it is needed. */
void json_add_comma(struct buffer *buffer);
/* The comma, if it is needed, and the name of a member. */
void json_add_name(struct buffer *buffer, const char *name);
/* Takes back the end of the object that was written last, so that members can be added. */
void json_reopen(struct buffer *buffer);

/* The value in the buffer as a tree, a new reference; frees the buffer's bytes. */
json_t *json_tree_of(struct buffer *buffer);

/* A time as PostgreSQL writes it in UTC ("2026-11-24 09:30:00.5+00") in RFC 3339, with microseconds
 * and Z. */
const char *render_time(struct arena *arena, const char *value);

#endif
