/* What the service says to people, in English and French: one catalogue, message.def.
 * Sentences about the Convention are not here: the law in sql/ brings its own. */
#ifndef ETS144_HTTP_MESSAGE_MESSAGE_H
#define ETS144_HTTP_MESSAGE_MESSAGE_H

#include "base/memory.h"

enum language { LANGUAGE_ENGLISH, LANGUAGE_FRENCH, LANGUAGE_COUNT };

enum message {
#define MESSAGE(name, english, french) MESSAGE_##name,
#include "words/message.def"
#undef MESSAGE
    MESSAGE_COUNT
};

/* "en", "fr" */
const char *language_tag(enum language language);

const char *message_text(enum language language, enum message message);

/* The sentence with {0}, {1}, {2} replaced by the texts given, the first 1000 bytes of each; lives
 * in the arena. */
const char *message_fill(struct arena *arena, enum language language, enum message message,
                         const char *first, const char *second, const char *third);

#endif
