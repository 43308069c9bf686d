/* HTML: pages for people, with one style for screen and paper, and nothing in them that runs.
 * Text gets into a page through html_add alone, which escapes it. */
#ifndef ETS144_RENDER_HTML_H
#define ETS144_RENDER_HTML_H

#include "base/buffer.h"

/* Adds markup, in which each %s stands for a text that is escaped: between tags, or as an
 * attribute's value in double quotes. */
void html_add(struct buffer *page, const char *markup, ...) __attribute__((format(printf, 2, 3)));

/* The page up to and behind its content. */
void html_begin(struct buffer *page, const char *language, const char *title);
void html_end(struct buffer *page);

/* The Content-Security-Policy under which such a page is sent: only its own style applies. */
enum { HTML_POLICY_SIZE = 256 };
void html_policy(char policy[HTML_POLICY_SIZE]);

#endif
