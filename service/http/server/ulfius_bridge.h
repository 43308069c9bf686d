/* The bridge to Ulfius: all code that relies on the internals of Ulfius.
 *
 * Ulfius starts libmicrohttpd with its own access handler, which reads the whole request before any
 * of our code runs. Its dispatcher is static and no option wraps it, but it calls
 * MHD_start_daemon through the dynamic linker. This file defines a function of that name, which the
 * linker finds first: it starts the same daemon with our access handler, and remembers Ulfius'.
 * Our handler reads and processes the request, then passes the finished exchange to Ulfius, which
 * sends the response. */
#ifndef ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H
#define ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H

#include "http/message/exchange.h"

#include <microhttpd.h>
#include <stdbool.h>

struct ulfius_bridge;

/* Starts the daemon with an access handler, its closure, flags and options for libmicrohttpd. NULL:
 * it did not start, and a message on stderr says why. */
struct ulfius_bridge *ulfius_bridge_start(MHD_AccessHandlerCallback access_handler, void *closure,
                                          unsigned flags, struct MHD_OptionItem *options);
struct MHD_Daemon *ulfius_bridge_daemon(const struct ulfius_bridge *bridge);
/* Stops the daemon; no connection may be suspended. NULL is fine. */
void ulfius_bridge_stop(struct ulfius_bridge *bridge);

/* The request as libmicrohttpd passes it to an access handler. */
struct mhd_request {
    struct MHD_Connection *connection;
    const char *url;
    const char *method;
    const char *version;
};

/* Queues the exchange's response on the connection through Ulfius. *state, NULL at first, is set to
 * Ulfius' own state of the request, to be freed with ulfius_bridge_forget. */
enum MHD_Result ulfius_bridge_respond(struct ulfius_bridge *bridge,
                                      const struct mhd_request *request, struct exchange *exchange,
                                      void **state);
void ulfius_bridge_forget(struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode reason);

#endif
