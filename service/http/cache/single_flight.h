/* Single flight (request coalescing): of several simultaneous requests for the same response, the
 * first renders it; the others follow, and are resumed when it is done. No thread waits. Safe for
 * threads. */
#ifndef ETS144_HTTP_CACHE_SINGLE_FLIGHT_H
#define ETS144_HTTP_CACHE_SINGLE_FLIGHT_H

#include <stdbool.h>

struct single_flight;

struct follower {
    struct follower *next;
    void (*resume)(struct follower *follower);
};

struct flight {
    const char *key; /* of the response; borrowed until single_flight_end */
    struct flight *next;
    struct follower *followers;
};

struct single_flight *single_flight_open(void);
void single_flight_close(struct single_flight *flights);

/* True: the flight is now under way; the caller renders the response and calls single_flight_end.
 * False: a flight of this key was under way already, and the follower was added to it. It is
 * resumed at its end, from another thread, possibly before this function returns. */
bool single_flight_join(struct single_flight *flights, struct flight *flight,
                        struct follower *follower);
/* Ends the flight and resumes its followers. */
void single_flight_end(struct single_flight *flights, struct flight *flight);

#endif
