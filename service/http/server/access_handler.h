/* The front: what sees each request first. Most dashboards get a ready reply here, and nothing else
 * is done; every other request goes on to Ulfius, and by it to the handlers.
 *
 * Ulfius starts libmicrohttpd with a handler of its own, which reads the whole request before
 * anyone else is asked. front.c therefore has a function of the name of the library's
 * MHD_start_daemon, which the dynamic linker finds first: it starts the very same daemon, with the
 * front before the handler that Ulfius gave. */
#ifndef ETS144_HTTP_SERVER_ACCESS_HANDLER_H
#define ETS144_HTTP_SERVER_ACCESS_HANDLER_H

#include "http/cache/lru.h"
#include "http/message/application.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <ulfius.h>

struct access_handler {
    struct _u_instance ulfius; /* first: MHD_start_daemon is told of the front by its address */
    MHD_AccessHandlerCallback ulfius_handler; /* NULL until the daemon was started */
    struct application application;
    struct lru_cache *ready;
    struct long_poll *waiting;
    long max_body_bytes;  /* where no file is taken */
    atomic_bool draining; /* nothing is ready any more: each answer says that it is the last */
    atomic_size_t held;   /* bytes of bodies that are being sent */
    atomic_int running;   /* requests begun and not yet sent */
};

/* For MHD_OPTION_URI_LOG_CALLBACK and MHD_OPTION_NOTIFY_COMPLETED, with the front as closure. */
void *front_request_begun(void *closure, const char *address, struct MHD_Connection *connection);
void front_request_over(void *closure, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason);

#endif
