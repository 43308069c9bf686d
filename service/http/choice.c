#include "http/choice.h"

#include <string.h>

bool choice_is_one(const char *const *choices, const char *text, size_t length)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (strlen(choices[i]) == length && strncmp(choices[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *choice_list(struct arena *arena, const char *const *choices)
{
    const char *list = "";
    for (int i = 0; choices[i] != NULL; i++) {
        list = i == 0 ? choices[i] : arena_print(arena, "%s, %s", list, choices[i]);
    }
    return list;
}
