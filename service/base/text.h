/* Texts: letter case, replacement, and closed sets of words. New texts live in the arena.
 * A set of words is an array that ends with NULL. */
#ifndef ETS144_BASE_TEXT_H
#define ETS144_BASE_TEXT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

/* Changes the letters of ASCII and no others. */
const char *text_upper(struct arena *arena, const char *text);
const char *text_lower(struct arena *arena, const char *text);

/* The text with every `from`, which is not empty, replaced by `to`. */
const char *text_replace(struct arena *arena, const char *text, const char *from, const char *to);

/* Whether the first `length` bytes of the text are one of the words. */
bool text_is_one_of(const char *const *words, const char *text, size_t length);
/* The words as a sentence lists them: "a, b". */
const char *text_join(struct arena *arena, const char *const *words);

#endif
