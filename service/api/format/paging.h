/* Pages of a list: how many items one has, and the address of the next. */
#ifndef ETS144_API_FORMAT_PAGING_H
#define ETS144_API_FORMAT_PAGING_H

#include "http/message/exchange.h"

/* The most items on a page: the parameter `limit`, or 100. One row more is worth asking for, since
 * it tells whether there is a next page. */
int paging_limit(const struct exchange *exchange);

/* This page's address without the parameters that the cursor stands for (replaced ends with NULL),
 * and with the parameter `name` set to the cursor. Lives in the exchange's arena. */
const char *paging_address(struct exchange *exchange, const char *name, const char *cursor,
                           const char *const *replaced);

/* Shows the address of the next page in the document and as Link: rel="next"; NULL: none. */
void paging_show_next(struct exchange *exchange, json_t *page, const char *address);

#endif
