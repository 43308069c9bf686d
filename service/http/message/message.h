/* The catalogue of sentences in English and French (words/message.def). Sentences about the
 * Convention are in sql/, with the law. */
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

/* The sentence with {0}, {1}, {2} replaced by the texts, each cut to 1000 bytes; lives in the
 * arena.
 */
const char *message_fill(struct arena *arena, enum language language, enum message message,
                         const char *first, const char *second, const char *third);

#endif
