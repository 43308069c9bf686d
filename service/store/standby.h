/* A second pool, of standbys, for reads.
 *
 * A standby lags behind. So a session is given out only if its database answers within the timeout
 * and holds the wanted revision: no response goes back behind an earlier one. A caller that gets no
 * session uses the primary. */
#ifndef ETS144_STORE_STANDBY_H
#define ETS144_STORE_STANDBY_H

#include "store/pool.h"

struct standby;

/* The timeout is for the checkout and again for the query of the standby's revision; it replaces
 * the checkout timeout of the settings, and their name becomes "standby". */
struct standby *standby_open(const struct database_settings *settings, int timeout_ms);
void standby_close(struct standby *standby); /* NULL is fine */

/* NULL: no standby that has the revision answers now. The caller gives the session back with
 * pool_checkin(). Adds the microseconds that this takes to *spent_us, and until checkin those that
 * the session spends on statements. */
struct session *standby_checkout(struct standby *standby, long long revision, long long *spent_us);

/* As pool_state(). */
void standby_state(struct standby *standby, struct pool_state *state);

#endif
