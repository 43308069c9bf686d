/* Kept answers: the rendered bytes of what was asked, each with the revision of the register it was
 * rendered at. An answer is fresh while that is the newest revision known; a look-up then costs a
 * hash and a copy, and the database is not asked.
 *
 * Bounded in number and bytes: what was not asked for longest goes first. Safe for threads. */
#ifndef ETS144_HTTP_KEPT_H
#define ETS144_HTTP_KEPT_H

#include <stdbool.h>
#include <stddef.h>

struct kept; /* the store of kept answers */

struct kept_answer {
    char *body; /* from malloc; the caller's */
    size_t length;
    char etag[40];
    const char *content_type; /* static text */
    long long revision;
    long age; /* seconds since it was rendered */
};

struct kept *kept_open(size_t most_answers, size_t most_bytes);
void kept_close(struct kept *kept);

/* Copies the answer out, whatever its revision; false: there is none under this key. */
bool kept_find(struct kept *kept, const char *key, struct kept_answer *answer);
/* Copies the answer in; replaces one of the same key unless that is of a later revision. */
void kept_store(struct kept *kept, const char *key, const struct kept_answer *answer);

size_t kept_count(struct kept *kept);
size_t kept_bytes(struct kept *kept);

#endif
