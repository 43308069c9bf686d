/* The access handler (libmicrohttpd's term): a callback for each request, called when the headers
 * are read, for each piece of the body, and at the end.
 *
 * A request that the fast path can serve never becomes an exchange. Any other does: its head is
 * processed on the connection thread, or on a handler thread if a token must be looked up; then the
 * body is read and the request processed, on a handler thread unless it cannot wait. The connection
 * is suspended while a handler thread works: connection threads never wait. */
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
    atomic_bool draining;     /* each response closes its connection; the fast path is off */
    atomic_size_t body_bytes; /* of the bodies being read or processed */
    atomic_int running;       /* requests whose response is not sent yet */
};

/* MHD_AccessHandlerCallback, MHD_OPTION_URI_LOG_CALLBACK and MHD_OPTION_NOTIFY_COMPLETED. The
 * closure is the access handler. */
enum MHD_Result access_handler_call(void *closure, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *body, size_t *body_length, void **state);
void *access_handler_begin(void *closure, const char *given, struct MHD_Connection *connection);
void access_handler_end(void *closure, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason);

#endif
