/* The revisions: one connection and thread that hears of each new revision (LISTEN), so that the
 * service knows the newest without asking.
 *
 * While it is cut off nothing is known, and it says so; connected again, it asks for the revision
 * first. The number never goes back: a database that does not have what was known is another
 * history, from a standby that lacked the end of it or from a backup, and what was answered from
 * the first must not be mixed with it. Then the process is asked to end (SIGTERM). So it is when
 * the schema no longer serves this build; the connection says which schema it was built for, so
 * that no upgrade takes it away from under it. It also asks for a sign of life ten times a second:
 * when none comes within the timeout_ms (milliseconds), it halts the pool, until the database
 * answers again.
 */
#ifndef ETS144_STORE_REVISIONS_H
#define ETS144_STORE_REVISIONS_H

#include "store/pool.h"

struct revisions;

struct revisions *revisions_open(const char *url, struct pool *pool, int timeout_ms);
void revisions_close(struct revisions *revisions);

/* The newest revision heard of; -1 while cut off. Never blocks. */
long long revisions_current(const struct revisions *revisions);
/* The newest revision ever heard of, and for how many milliseconds nobody could on_notify of a
 * newer one. */
long long revisions_newest(const struct revisions *revisions);
long long revisions_disconnected_ms(const struct revisions *revisions);
/* The milliseconds since the database last said which it is: about a hundred while it answers. */
long long revisions_heartbeat_age_ms(const struct revisions *revisions);
/* Whether the database turned out to have another history, or a schema that serves this build no
 * more. */
bool revisions_must_exit(const struct revisions *revisions);
/* Waits until a newer revision than this one is known, for at most so many milliseconds; the newest
 * known then, -1 while cut off. */
long long revisions_wait(struct revisions *revisions, long long revision, int milliseconds);
/* Writes to an eventfd whenever a revision or anything else that is to be delivered may be new, and
 * when the revisions is connected again. One at a time; -1: none any more. */
void revisions_watch(struct revisions *revisions, int descriptor);
/* Says that a revision was seen otherwise, by writing it or in an answer of the database. */
void revisions_observe(struct revisions *revisions, long long revision);

#endif
