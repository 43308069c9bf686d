/* A closed set of words, of which a text must be one: an array that ends with NULL. */
#ifndef ETS144_HTTP_CHOICE_H
#define ETS144_HTTP_CHOICE_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>

bool choice_is_one(const char *const *choices, const char *text, size_t length);
/* The words as a sentence lists them: "a, b". */
const char *choice_list(struct arena *arena, const char *const *choices);

#endif
