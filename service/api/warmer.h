/* The cache warmer: a thread that renders the most requested responses at the start, after each
 * revision and at midnight UTC, by requests of its own. */
#ifndef ETS144_API_WARMER_H
#define ETS144_API_WARMER_H

#include "http/server/server.h"

struct warmer;

/* The application is borrowed until warmer_stop. */
struct warmer *warmer_start(const struct application *application);
/* Waits at most so many milliseconds until the common responses are cached. */
void warmer_wait(struct warmer *warmer, int milliseconds); /* NULL is fine */
void warmer_stop(struct warmer *warmer);                   /* NULL is fine */

#endif
