/* The chart as an HTML page in the layout of the Treaty Office, for screen and paper. */
#ifndef ETS144_API_READ_CHART_PAGE_H
#define ETS144_API_READ_CHART_PAGE_H

#include "http/message/exchange.h"
#include "store/rows.h"

/* Replies with the rows of the statement `chart` at the exchange's moment. */
void chart_page_reply(struct exchange *exchange, const struct rows *rows);

#endif
