/* Long polls: requests that wait until the register has a newer revision than the client has seen,
 * for as long as the client said (Prefer: wait, RFC 7240 §4.3). No thread waits with them:
 * libmicrohttpd suspends the connection. A suspended connection is not watched by libmicrohttpd; a
 * client that leaves is noticed here. */
#ifndef ETS144_HTTP_SERVER_LONG_POLL_H
#define ETS144_HTTP_SERVER_LONG_POLL_H

#include "http/message/application.h"

#include <microhttpd.h>
#include <stdbool.h>

struct long_poll;

/* At most so many clients wait. The application is borrowed until long_poll_stop. */
struct long_poll *long_poll_start(const struct application *application, int max_waiters);

/* Suspends a connection until there is a revision above this one, for so many seconds at most.
 * Called by the connection's access handler, which is called again when the wait is over;
 * *client_left is then true if the client closed its side. False: too many wait already, or the
 * server stops. */
bool long_poll_suspend(struct long_poll *long_poll, struct MHD_Connection *connection,
                       long long revision, int seconds, bool *client_left);

/* Ends all waits, and lets none begin. Before the daemon is stopped. */
void long_poll_stop(struct long_poll *long_poll);
void long_poll_free(struct long_poll *long_poll); /* after it; NULL is fine */

#endif
