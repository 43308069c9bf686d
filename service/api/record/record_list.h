/* Lists of records, a page at a time, as JSON and as tables: each is a row of a statement, and
 * words of it. */
#ifndef ETS144_API_RECORD_RECORD_LIST_H
#define ETS144_API_RECORD_RECORD_LIST_H

#include "api/format/table.h"
#include "http/message/exchange.h"
#include "store/pool.h"

/* The rows are in the order of the column _key, a text, and of their references. */
struct record_list {
    const struct statement *statement;
    const struct table *table;
    const char *const *filters; /* the parameters that a cursor is bound to; ends with NULL */
    bool (*is_reference)(const char *text);
};

/* Responds with a page of the list at the requested moment. */
void record_list_show(struct exchange *exchange, const struct record_list *list);

#endif
