/* Kept answers: the rendered bytes of what was asked, each with the revision of the register and
 * the day it was rendered at. An answer is fresh while that is the newest revision known and the
 * day is not over; no revision changes one about a moment that is over. Bounded and safe for
 * threads (shelf.h). */
#ifndef ETS144_HTTP_KEPT_H
#define ETS144_HTTP_KEPT_H

#include "http/encoding.h"
#include "http/exchange.h"
#include "http/form.h"
#include "http/shelf.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What an answer follows from, beside the question. */
struct basis {
    long long revision;
    long long day; /* of UTC, counted from 1970 */
    bool settled;  /* it is about a moment that is over */
};

/* One representation in one coding. It does not change; who holds it releases it. */
struct kept_answer {
    struct thing thing;
    char *body;
    size_t length;
    enum encoding encoding;
    char plain_tag[ENTITY_TAG_SIZE]; /* of the bytes without a coding */
    char tag[ENTITY_TAG_SIZE];       /* of these bytes */
    char known_at[FORM_TIME_SIZE];   /* the moment it is for; "": it has none */
    time_t modified;                 /* since when the register says so; 0: not known */
    const char *content_type;        /* static text */
    struct basis basis;
    long long rendered_at; /* clock_milliseconds */
    char *texts;           /* of the headers */
    int header_count;
    struct header headers[]; /* names are static texts */
};

/* The answer that a handler gave, in no coding; takes the reply's body over. known_at: the moment
 * it is for, or NULL. Held by the caller. */
struct kept_answer *kept_answer_make(struct reply *reply, const char *known_at,
                                     const struct basis *basis);
/* The same answer in another coding; NULL: that is not worth it. Held by the caller. */
struct kept_answer *kept_answer_encode(const struct kept_answer *plain, enum encoding encoding);
void kept_answer_release(struct kept_answer *answer); /* NULL is fine */
/* revision: the newest known; -1: nobody can know. */
bool kept_answer_is_fresh(const struct kept_answer *answer, long long revision, long long day);

struct kept; /* the store of kept answers */

struct kept *kept_open(size_t most_answers, size_t most_bytes);
void kept_close(struct kept *kept);

/* The answer under this key in this coding, whatever its revision, held; NULL: there is none. */
struct kept_answer *kept_find(struct kept *kept, const char *key, enum encoding encoding);
/* Keeps an answer under a key; replaces one of the same coding unless that is of a later revision.
 * If the bytes are those of the revision just before, they have been so since then: `modified`
 * becomes theirs. */
void kept_store(struct kept *kept, const char *key, struct kept_answer *answer);

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
