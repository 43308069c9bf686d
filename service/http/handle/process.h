/* The way of one exchange through the protocol's checks to its handler, and back. */
#ifndef ETS144_HTTP_HANDLE_PROCESS_H
#define ETS144_HTTP_HANDLE_PROCESS_H

#include "http/message/application.h"

/* Fills exchange->reply; the exchange has its method, path, query, headers and bytes. */
void process_request(struct exchange *exchange, const struct application *application,
                     long max_body_bytes);

#endif
