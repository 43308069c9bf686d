/* Waiting: requests that are waiter until the register has a newer revision, or until they have
 * waited long enough (Prefer: wait, RFC 7240 §4.3). No thread waits with them: libmicrohttpd sets
 * the connection aside and takes it up again. */
#ifndef ETS144_HTTP_SERVER_LONG_POLL_H
#define ETS144_HTTP_SERVER_LONG_POLL_H

#include "http/message/application.h"

#include <microhttpd.h>

struct long_poll;

/* The application is borrowed until long_poll_stop. */
struct long_poll *long_poll_start(const struct application *application);

/* Holds a connection until there is a revision above this one, for so many seconds at most; called
 * from its handler, which is called again then. False: nobody is waiter any more. */
bool long_poll_suspend(struct long_poll *long_poll, struct MHD_Connection *connection,
                       long long revision, int seconds);

/* Lets all go, and holds none from now on. Before the daemon is stopped. */
void long_poll_stop(struct long_poll *long_poll);
void long_poll_free(struct long_poll *long_poll); /* after it; NULL is fine */

#endif
