/* Cursors of paged lists: opaque texts that say where the next page starts.
 * A cursor holds the moment its first page was read at, so that all pages show one revision, and
 * is bound to the filters it was made for. It is no secret: it opens nothing that reading does
 * not, so it carries a digest against mistakes and no signature. */
#ifndef ETS144_HTTP_REQUEST_CURSOR_H
#define ETS144_HTTP_REQUEST_CURSOR_H

#include "http/message/exchange.h"

/* names: the values to carry, ending with NULL. filters: the values it is bound to, likewise.
 * The cursor lives in the exchange's arena. */
const char *cursor_make(struct exchange *exchange, const char *const *names,
                        const char *const *filters);

/* Sets the fields values from a cursor; false if it is not one, or of other filters. */
bool cursor_read(struct exchange *exchange, const char *cursor, const char *const *names,
                 const char *const *filters);

/* The same of whatever list and filters it is. */
bool cursor_peek(struct exchange *exchange, const char *cursor, const char *const *names);

#endif
