/* The way of one exchange: check, route, authorize, parse, then the cache or the handler, finish.
 *
 * The head is processed when the headers are read, so that no body is read of a request that is
 * refused; the rest when the body is there. Each step is taken once. */
#ifndef ETS144_HTTP_HANDLE_PROCESS_H
#define ETS144_HTTP_HANDLE_PROCESS_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stdbool.h>

/* Checks the headers, finds the route, authorizes and reads the parameters. False: a problem is the
 * reply. May wait for the database if a token was sent. */
bool process_head(struct exchange *exchange, const struct application *application);

/* Processes the whole request and finishes the exchange: its reply is ready to be sent. May wait
 * for the database. */
void process_request(struct exchange *exchange, const struct application *application);

/* Finishes an exchange that need not wait for anything: one that is refused, is in the cache, or
 * has a handler that never waits. False: it is not such an exchange, and its head may have been
 * processed. */
bool process_at_once(struct exchange *exchange, const struct application *application);

/* Finishes the exchange with 503: nothing is free to process it. */
void process_overload(struct exchange *exchange, const struct application *application);

#endif
