#include "http/message/message.h"

#include <string.h>

static const char *const tags[LANGUAGE_COUNT] = {
    [LANGUAGE_ENGLISH] = "en",
    [LANGUAGE_FRENCH] = "fr",
};

static const char *const texts[MESSAGE_COUNT][LANGUAGE_COUNT] = {
#define MESSAGE(name, english, french)                                                             \
    [MESSAGE_##name] = {[LANGUAGE_ENGLISH] = (english), [LANGUAGE_FRENCH] = (french)},
#include "words/message.def"
#undef MESSAGE
};

const char *language_tag(enum language language)
{
    return tags[language];
}

const char *message_text(enum language language, enum message message)
{
    return texts[message][language];
}

/* A client's text may have any length; a sentence shows the beginning. */
static const char *shorten(struct arena *arena, const char *filling)
{
    enum { MAX_FILLING = 1000 };
    if (filling == NULL || strnlen(filling, MAX_FILLING + 1) <= MAX_FILLING) {
        return filling;
    }
    size_t length = MAX_FILLING;
    while (length > 0 && ((unsigned char)filling[length] & 0xc0) == 0x80) {
        length--;
    }
    return arena_print(arena, "%.*s…", (int)length, filling);
}

const char *message_fill(struct arena *arena, enum language language, enum message message,
                         const char *first, const char *second, const char *third)
{
    const char *const fillings[] = {shorten(arena, first), shorten(arena, second),
                                    shorten(arena, third)};
    const char *text = texts[message][language];
    size_t size = strlen(text) + 1;
    for (int i = 0; i < 3; i++) {
        /* A sentence uses each filling at most once. */
        size += fillings[i] != NULL ? strlen(fillings[i]) : 0;
    }
    char *filled = arena_allocate(arena, size);
    char *to = filled;
    for (const char *from = text; *from != '\0';) {
        if (from[0] == '{' && from[1] >= '0' && from[1] <= '2' && from[2] == '}') {
            const char *filling = fillings[from[1] - '0'];
            if (filling != NULL) {
                size_t length = strlen(filling);
                memcpy(to, filling, length);
                to += length;
            }
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return filled;
}
