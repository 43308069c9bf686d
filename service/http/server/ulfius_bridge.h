/* The bridge to Ulfius: everything that relies on how Ulfius works inside is here.
 *
 * Ulfius starts libmicrohttpd with an access handler of its own that reads a request whole before
 * any of our code runs. Its dispatcher is static and no option wraps it, but it calls
 * MHD_start_daemon through the dynamic linker. This file defines a function of that name, which the
 * linker finds first: it starts the same daemon with our access handler, and remembers the one of
 * Ulfius. Our handler reads the request, has it processed, and then passes the finished exchange to
 * Ulfius, which sends it.  */
#ifndef ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H
#define ETS144_HTTP_SERVER_ULFIUS_BRIDGE_H

#include "http/message/exchange.h"

#include <microhttpd.h>
#include <stdbool.h>

struct ulfius_bridge;

/* Starts the daemon with an access handler, its closure, flags and options for libmicrohttpd. NULL:
 * it did not start, and a sentence on stderr says why. */
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

/* Queues the exchange's reply on the connection through Ulfius. *state: what Ulfius stores of the
 * request, NULL at first, to be freed with ulfius_bridge_forget. */
enum MHD_Result ulfius_bridge_respond(struct ulfius_bridge *bridge,
                                      const struct mhd_request *request, struct exchange *exchange,
                                      void **state);
void ulfius_bridge_forget(struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode reason);

#endif
