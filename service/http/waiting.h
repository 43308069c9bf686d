/* Waiting: requests that are held until the register has a newer revision, or until they have
 * waited long enough (Prefer: wait, RFC 7240 §4.3). No thread waits with them: libmicrohttpd sets
 * the connection aside and takes it up again. */
#ifndef ETS144_HTTP_WAITING_H
#define ETS144_HTTP_WAITING_H

#include "http/server.h"

#include <microhttpd.h>

struct waiting;

/* The application is borrowed until waiting_end. */
struct waiting *waiting_start(const struct application *application);

/* Holds a connection until there is a revision above this one, for so many seconds at most; called
 * from its handler, which is called again then. False: nobody is held any more. */
bool waiting_hold(struct waiting *waiting, struct MHD_Connection *connection, long long revision,
                  int seconds);

/* Lets all go, and holds none from now on. Before the daemon is stopped. */
void waiting_end(struct waiting *waiting);
void waiting_free(struct waiting *waiting); /* after it; NULL is fine */

#endif
