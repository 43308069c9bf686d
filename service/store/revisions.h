/* The LISTEN client: one connection and thread that learns of each new revision, so that the
 * service knows the newest without a query.
 *
 * A notification is no fact, since every role that may connect can send it: the newest revision is
 * asked for upon each, and only the database's answer is believed.
 *
 * While it is disconnected nothing newer can become known, and revisions_current() says so. The
 * connection sends a heartbeat query ten times a second; if the answer does not come within the
 * timeout, the circuit of the pool is opened (pool.h) until the database answers again.
 *
 * The process cannot continue, and is sent SIGTERM, in two cases. The database lacks a revision
 * that was known: its history has diverged (a standby that was promoted without the last commits,
 * or a restored backup), and its answers must not be mixed with earlier ones. Or the schema has
 * been retired for this build; while the session is there, a migration does not do that. */
#ifndef ETS144_STORE_REVISIONS_H
#define ETS144_STORE_REVISIONS_H

#include "store/pool.h"

struct revisions;

/* The pool is borrowed until revisions_close(). */
struct revisions *revisions_open(const char *url, struct pool *pool, int timeout_ms);
void revisions_close(struct revisions *revisions);

/* The newest known revision; -1 while disconnected. Never blocks. */
long long revisions_current(const struct revisions *revisions);
/* The newest known revision, disconnected or not; 0 before the first. */
long long revisions_newest(const struct revisions *revisions);
/* Milliseconds since it was disconnected; 0: it is connected. */
long long revisions_disconnected_ms(const struct revisions *revisions);
/* Milliseconds since the last heartbeat: about a hundred while the database answers. */
long long revisions_heartbeat_age_ms(const struct revisions *revisions);
/* Whether the history diverged or the schema was retired. */
bool revisions_must_exit(const struct revisions *revisions);
/* Waits at most so many milliseconds for a revision above this one; returns revisions_current(). */
long long revisions_wait(struct revisions *revisions, long long revision, int milliseconds);
/* Sets the eventfd that is written to when a revision or a webhook delivery may be new, and on
 * reconnection. There is one; -1 removes it. */
void revisions_watch(struct revisions *revisions, int descriptor);
/* Reports the revision of a query's result. It may be a standby's, which can be ahead of the
 * primary.
 */
void revisions_observe(struct revisions *revisions, long long revision);
/* Reports the revision of a write that was committed: the primary has it from now on. */
void revisions_confirm(struct revisions *revisions, long long revision);

#endif
