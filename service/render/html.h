/* HTML pages without scripts, with one style for screen and paper. All text goes through html_add,
 * which escapes it. */
#ifndef ETS144_RENDER_HTML_H
#define ETS144_RENDER_HTML_H

#include "base/buffer.h"

/* Adds markup, with a text for each %s, which is escaped for a place between tags or in an
 * attribute value in double quotes. */
void html_add(struct buffer *page, const char *markup, ...) __attribute__((format(printf, 2, 3)));

/* The page before and after its content. */
void html_begin(struct buffer *page, const char *language, const char *title);
void html_end(struct buffer *page);

/* The Content-Security-Policy of such a page: it allows the page's own style, by its hash, and
 * nothing else. */
enum { HTML_POLICY_SIZE = 256 };
void html_policy(char policy[HTML_POLICY_SIZE]);

#endif
