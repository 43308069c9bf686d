/* The way of one exchange through the protocol's checks to its handler, and back. */
#ifndef ETS144_HTTP_ANSWER_H
#define ETS144_HTTP_ANSWER_H

#include "http/server.h"

/* Fills exchange->reply; the exchange has its method, path, query, headers and bytes. */
void answer(struct exchange *exchange, const struct application *application, long max_body_bytes);

#endif
