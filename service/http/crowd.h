/* The crowd: how many connections each client has open. A client that has too many is answered so
 * on the next ones, and those beyond twice as many are closed at once; when the server itself is
 * nearly full, every new one is told. Bounded by the connections that there are. Safe for threads.
 */
#ifndef ETS144_HTTP_CROWD_H
#define ETS144_HTTP_CROWD_H

#include "address.h"

struct crowd;

enum crowding {
    CROWDING_NONE,
    CROWDING_CLIENT,  /* the client has more than it may have */
    CROWDING_SERVER,  /* the server has nearly as many as it can hold */
    CROWDING_TOO_MUCH /* not even worth an answer */
};

/* most_of_client 0: as many as it likes. */
struct crowd *crowd_open(int most_of_client, int most);
void crowd_close(struct crowd *crowd);

/* A connection began; it counts until crowd_leave is called with the same client. NULL: it counts
 * for the server alone, as that of a proxy does. */
enum crowding crowd_enter(struct crowd *crowd, const struct address *client);
void crowd_leave(struct crowd *crowd, const struct address *client);

#endif
