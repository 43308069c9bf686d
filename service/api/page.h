/* Pages of a list: how many items one has, and the address of the next. */
#ifndef ETS144_API_PAGE_H
#define ETS144_API_PAGE_H

#include "http/exchange.h"

/* The most items on a page: the parameter `limit`, or 100. One row more is worth asking for, since
 * it tells whether there is a next page. */
int page_limit(const struct exchange *exchange);

/* This page's address without the parameters that the cursor stands for (dropped ends with NULL),
 * and with the parameter `name` set to the cursor. Lives in the exchange's arena. */
const char *page_address(struct exchange *exchange, const char *name, const char *cursor,
                         const char *const *dropped);

/* Shows the address of the next page in the document and as Link: rel="next"; NULL: none. */
void page_show_next(struct exchange *exchange, json_t *page, const char *address);

#endif
