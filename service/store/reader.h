/* The reader: a second pool, of standbys, for what only reads of the register.
 *
 * A standby lags behind. A session is given out only if its database answers within the patience
 * and holds every revision that is known here, so that no answer goes behind one that was given
 * before; whoever gets none asks the primary. */
#ifndef ETS144_STORE_READER_H
#define ETS144_STORE_READER_H

#include "store/store.h"

struct reader;

/* Opens the pool; the patience is in milliseconds. */
struct reader *reader_open(const struct store_settings *settings, int patience);
void reader_close(struct reader *reader); /* NULL is fine */

/* NULL: no standby that has the revision answers just now. Give it back with store_checkin. */
struct session *reader_checkout(struct reader *reader, long long revision);

#endif
