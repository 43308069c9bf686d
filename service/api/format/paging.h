/* Keyset paging: the size of a page and the address of the next page. */
#ifndef ETS144_API_FORMAT_PAGING_H
#define ETS144_API_FORMAT_PAGING_H

#include "http/message/exchange.h"

/* The size of a page: the parameter `limit`, by default 100, or 10000 in streamed formats. Callers
 * read a row more, to know whether a next page exists. */
int paging_limit(const struct exchange *exchange);

/* The address of this page with the parameter `name` set to the cursor, and without the parameters
 * that the cursor replaces (ends with NULL). Lives in the exchange's arena. */
const char *paging_address(struct exchange *exchange, const char *name, const char *cursor,
                           const char *const *replaced);

/* 400: the parameter `name` is not a cursor of this list. */
void paging_refuse_cursor(struct exchange *exchange, const char *name);

/* Sets `next` in the document and Link: rel="next"; NULL: this is the last page. */
void paging_show_next(struct exchange *exchange, json_t *page, const char *address);

#endif
