/* Long polls: requests that wait for a newer revision than the client has seen, for as long as the
 * client asked (Prefer: wait, RFC 7240 §4.3). The connection is suspended, so a waiter takes no
 * thread. libmicrohttpd does not watch a suspended connection; the thread here notices clients that
 * disconnect. */
#ifndef ETS144_HTTP_SERVER_LONG_POLL_H
#define ETS144_HTTP_SERVER_LONG_POLL_H

#include "http/message/application.h"

#include <microhttpd.h>
#include <stdbool.h>

struct long_poll;

/* max_waiters: requests that may wait at once. The application is borrowed until long_poll_stop. */
struct long_poll *long_poll_start(const struct application *application, int max_waiters);

/* Suspends a connection until there is a revision above `revision`, for at most so many seconds.
 * Called by the access handler, which libmicrohttpd calls again when the wait is over; *client_left
 * is true then if the client closed its side. False: too many requests wait, or the server stops.
 */
bool long_poll_suspend(struct long_poll *long_poll, struct MHD_Connection *connection,
                       long long revision, int seconds, bool *client_left);

/* Ends all waits and accepts no further ones. To be called before the daemon is stopped. */
void long_poll_stop(struct long_poll *long_poll);
void long_poll_free(struct long_poll *long_poll); /* after the stop; NULL is fine */

#endif
