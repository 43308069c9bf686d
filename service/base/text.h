/* A closed set of words, of which a text must be one: an array that ends with NULL. */
#ifndef ETS144_BASE_TEXT_H
#define ETS144_BASE_TEXT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

bool text_is_one_of(const char *const *choices, const char *text, size_t length);
/* The words as a sentence lists them: "a, b". */
const char *text_join(struct arena *arena, const char *const *choices);

#endif
