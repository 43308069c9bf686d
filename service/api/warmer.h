/* Warming: the answers that everyone asks for are rendered before anyone does, at the start and
 * after each revision, by a thread of its own that asks as a client would. */
#ifndef ETS144_API_WARMER_H
#define ETS144_API_WARMER_H

#include "http/server/server.h"

struct warmer;

/* The application is borrowed until warmer_stop. */
struct warmer *warmer_start(const struct application *application);
/* Waits until the common answers are kept, for at most so many milliseconds. */
void warmer_wait(struct warmer *warmer, int milliseconds); /* NULL is fine */
void warmer_stop(struct warmer *warmer);                   /* NULL is fine */

#endif
