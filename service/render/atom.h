/* Feeds in Atom (RFC 4287), paged (RFC 5005 §3), written by libxml2 as UTF-8. The caller says in
 * which order; what XML has no character for is written as U+FFFD. */
#ifndef ETS144_RENDER_ATOM_H
#define ETS144_RENDER_ATOM_H

#include <stddef.h>

struct atom; /* a feed that is being written */

struct atom_link {
    const char *relation;
    const char *media;    /* its type; NULL: not known */
    const char *language; /* NULL: the feed's */
    const char *address;
};

struct atom *atom_open(const char *language);
/* Ends what is open and answers the bytes, from malloc; the feed is gone. */
char *atom_close(struct atom *feed, size_t *length);

void atom_entry_begin(struct atom *feed);
void atom_entry_end(struct atom *feed);

/* Of the feed, or of the entry that has begun. */
void atom_text(struct atom *feed, const char *element, const char *text);
void atom_author(struct atom *feed, const char *name);
void atom_category(struct atom *feed, const char *term, const char *scheme, const char *label);
void atom_link(struct atom *feed, const struct atom_link *link);

#endif
