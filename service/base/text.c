#include "base/text.h"

#include <string.h>

/* Flips the case of the letters from `first` to `first` + 25. */
static const char *flip_case(struct arena *arena, const char *text, char first)
{
    char *flipped = arena_copy_text(arena, text);
    for (char *at = flipped; *at != '\0'; at++) {
        if (*at >= first && *at < first + 26) {
            *at = (char)(*at ^ ('a' ^ 'A'));
        }
    }
    return flipped;
}

const char *text_upper(struct arena *arena, const char *text)
{
    return flip_case(arena, text, 'a');
}

const char *text_lower(struct arena *arena, const char *text)
{
    return flip_case(arena, text, 'A');
}

const char *text_replace(struct arena *arena, const char *text, const char *from, const char *to)
{
    size_t count = 0;
    for (const char *at = strstr(text, from); at != NULL; at = strstr(at + strlen(from), from)) {
        count++;
    }
    char *replaced = arena_allocate(arena, strlen(text) + count * strlen(to) + 1);
    char *end = replaced;
    for (const char *at = strstr(text, from); at != NULL; at = strstr(text, from)) {
        end = mempcpy(end, text, (size_t)(at - text));
        end = stpcpy(end, to);
        text = at + strlen(from);
    }
    (void)stpcpy(end, text);
    return replaced;
}

bool text_is_one_of(const char *const *words, const char *text, size_t length)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strlen(words[i]) == length && strncmp(words[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *text_join(struct arena *arena, const char *const *words)
{
    const char *list = "";
    for (int i = 0; words[i] != NULL; i++) {
        list = i == 0 ? words[i] : arena_print(arena, "%s, %s", list, words[i]);
    }
    return list;
}
