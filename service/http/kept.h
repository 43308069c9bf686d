/* Kept answers: the rendered bytes of what was asked, each with the revision of the register it was
 * rendered at. An answer is fresh while that is the newest revision known; a look-up then costs a
 * hash and a copy, and the database is not asked.
 *
 * Bounded in number and bytes: what was not asked for longest goes first. Safe for threads. */
#ifndef ETS144_HTTP_KEPT_H
#define ETS144_HTTP_KEPT_H

#include "http/encoding.h"
#include "memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct kept; /* the store of kept answers */

struct kept_answer {
    char *body; /* from malloc; the caller's */
    size_t length;
    enum encoding encoding;     /* the form that the body is in */
    char etag[ENTITY_TAG_SIZE]; /* of the bytes without a coding */
    time_t modified;            /* since when the register says so; 0: not known */
    const char *content_type;   /* static text */
    const char *link;           /* the header Link; NULL: none */
    long long revision;
    long age; /* seconds since it was rendered */
};

struct kept *kept_open(size_t most_answers, size_t most_bytes);
void kept_close(struct kept *kept);

/* Copies the answer out, whatever its revision, in the form wanted if it is there, else without a
 * coding; false: there is none under this key. Its link lives in the arena. */
bool kept_find(struct kept *kept, const char *key, enum encoding wanted, struct arena *arena,
               struct kept_answer *answer);
/* The same without its bytes: body is NULL. For whoever may not need them. */
bool kept_look(struct kept *kept, const char *key, enum encoding wanted, struct arena *arena,
               struct kept_answer *answer);
/* Copies the answer in; replaces one of the same key unless that is of a later revision. If the
 * bytes are those it replaces, answer->modified becomes theirs. */
void kept_store(struct kept *kept, const char *key, struct kept_answer *answer);
/* Copies another form of the answer in, if the one it was made from (its etag) is still kept. */
void kept_add_form(struct kept *kept, const char *key, const struct kept_answer *form);

/* One rendering of one answer at a time. True: this thread is to render, and calls kept_end. False:
 * another did meanwhile; look again. Waits for a second at most, then renders all the same. */
struct kept_turn {
    const char *key;
    struct kept_turn *next;
};
bool kept_begin(struct kept *kept, struct kept_turn *turn);
void kept_end(struct kept *kept, struct kept_turn *turn);

size_t kept_count(struct kept *kept);
size_t kept_bytes(struct kept *kept);

#endif
