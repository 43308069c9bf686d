/* Feeds in Atom (RFC 4287), paged (RFC 5005 §3), written by libxml2 as UTF-8 in the order of the
 * calls. Characters that XML 1.0 excludes become U+FFFD. Texts are borrowed during each call. */
#ifndef ETS144_RENDER_ATOM_H
#define ETS144_RENDER_ATOM_H

#include <stddef.h>

struct atom; /* a feed while it is written */

struct atom_link {
    const char *relation;
    const char *media;    /* NULL: no type is given */
    const char *language; /* NULL: that of the feed */
    const char *address;
};

struct atom *atom_open(const char *language);
/* Frees the feed; its bytes, from malloc. */
char *atom_close(struct atom *feed, size_t *length);

void atom_entry_begin(struct atom *feed);
void atom_entry_end(struct atom *feed);

/* Elements of the entry that has begun, otherwise of the feed. */
void atom_text(struct atom *feed, const char *element, const char *text);
void atom_author(struct atom *feed, const char *name);
void atom_category(struct atom *feed, const char *term, const char *scheme, const char *label);
void atom_link(struct atom *feed, const struct atom_link *link);

#endif
