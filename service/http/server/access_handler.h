/* The access handler, libmicrohttpd's word for what it calls with each request: when the headers
 * are read, for each piece of the body, and at the end.
 *
 * A request that the fast path answers costs nothing more. Any other becomes an exchange, whose
 * head is processed at once, or by a handler thread if a token has to be looked up; then the body
 * is read, and the rest is processed, again by a handler thread unless it cannot wait. While a
 * handler thread works the connection is suspended: connection threads never wait. */
#ifndef ETS144_HTTP_SERVER_ACCESS_HANDLER_H
#define ETS144_HTTP_SERVER_ACCESS_HANDLER_H

#include "http/message/application.h"
#include "http/server/handler_pool.h"
#include "http/server/long_poll.h"
#include "http/server/ulfius_bridge.h"

#include <microhttpd.h>
#include <stdatomic.h>

struct access_handler {
    struct application application;
    struct ulfius_bridge *ulfius;
    struct handler_pool *handlers;
    struct long_poll *long_poll;
    atomic_bool draining;     /* each response closes its connection, and no fast path is taken */
    atomic_size_t body_bytes; /* of bodies that are being read or processed */
    atomic_int running;       /* requests begun and not yet sent */
};

/* MHD_AccessHandlerCallback, and for MHD_OPTION_URI_LOG_CALLBACK and MHD_OPTION_NOTIFY_COMPLETED;
 * the closure is the access handler. */
enum MHD_Result access_handler_call(void *closure, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *body, size_t *body_length, void **state);
void *access_handler_begin(void *closure, const char *address, struct MHD_Connection *connection);
void access_handler_end(void *closure, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason);

#endif
