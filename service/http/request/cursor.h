/* Cursors of paged lists: opaque texts with the position of the next page.
 *
 * A cursor has the moment of the first page, so that all pages show one revision, and is bound to
 * the path and the filters by a digest. The digest is against mistakes and is no signature: a
 * forged cursor shows nothing that a read without it does not. */
#ifndef ETS144_HTTP_REQUEST_CURSOR_H
#define ETS144_HTTP_REQUEST_CURSOR_H

#include "http/message/exchange.h"

/* names: the values in the cursor; filters: the values it is bound to. Both end with NULL. The
 * cursor lives in the exchange's arena. */
const char *cursor_make(struct exchange *exchange, const char *const *names,
                        const char *const *filters);

/* Sets the arguments `names` from a cursor. False: it is malformed, or made for other filters. */
bool cursor_read(struct exchange *exchange, const char *cursor, const char *const *names,
                 const char *const *filters);

/* The same without a check of the path and the filters. */
bool cursor_peek(struct exchange *exchange, const char *cursor, const char *const *names);

#endif
