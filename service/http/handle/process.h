/* The steps of one exchange: check, route, authorize, parse, then cache or handler, finish.
 *
 * The head is processed when the headers are read, so that a request is refused before its body is
 * read; the rest when the body is read. Each step runs once. */
#ifndef ETS144_HTTP_HANDLE_PROCESS_H
#define ETS144_HTTP_HANDLE_PROCESS_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stdbool.h>

/* Checks the headers, finds the route, authorizes and reads the parameters. False: the response is
 * a problem. May wait for the database if a token was sent. */
bool process_head(struct exchange *exchange, const struct application *application);

/* Processes the whole request and finishes the exchange: the response can be sent. May wait for the
 * database. */
void process_request(struct exchange *exchange, const struct application *application);

/* Finishes the exchange if that takes no waiting: it is refused, the cache has a fresh response, or
 * the handler never waits. False: it has to wait; its head may have been processed. */
bool process_at_once(struct exchange *exchange, const struct application *application);

/* Finishes the exchange with the problem of exchange->refusal. */
void process_refusal(struct exchange *exchange, const struct application *application);

/* Finishes the exchange with 503: the handler queue is full. */
void process_overload(struct exchange *exchange, const struct application *application);

#endif
