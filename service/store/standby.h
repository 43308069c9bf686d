/* The standby: a second pool, of standbys, for what only reads of the register.
 *
 * A standby lags behind. A session is given out only if its database answers within the timeout_ms
 * and holds every revision that is known here, so that no answer goes behind one that was given
 * before; whoever gets none asks the primary. */
#ifndef ETS144_STORE_STANDBY_H
#define ETS144_STORE_STANDBY_H

#include "store/pool.h"

struct standby;

/* Opens the pool; the timeout_ms is in milliseconds. */
struct standby *standby_open(const struct database_settings *settings, int timeout_ms);
void standby_close(struct standby *standby); /* NULL is fine */

/* NULL: no standby that has the revision answers just now. Give it back with pool_checkin. */
struct session *standby_checkout(struct standby *standby, long long revision);

#endif
