/* The chart as a page: what the Treaty Office prints, in English or French, for screen and paper.
 */
#ifndef ETS144_API_READ_CHART_PAGE_H
#define ETS144_API_READ_CHART_PAGE_H

#include "http/message/exchange.h"
#include "store/rows.h"

/* Answers with the rows of the statement `chart` at the exchange's moment. */
void chart_page_reply(struct exchange *exchange, const struct rows *rows);

#endif
