#include "base/text.h"

#include <string.h>

bool text_is_one_of(const char *const *choices, const char *text, size_t length)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (strlen(choices[i]) == length && strncmp(choices[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *text_join(struct arena *arena, const char *const *choices)
{
    const char *list = "";
    for (int i = 0; choices[i] != NULL; i++) {
        list = i == 0 ? choices[i] : arena_print(arena, "%s, %s", list, choices[i]);
    }
    return list;
}
