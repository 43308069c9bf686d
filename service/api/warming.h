/* Warming: the answers that everyone asks for are rendered before anyone does, at the start and
 * after each revision, by a thread of its own that asks as a client would. */
#ifndef ETS144_API_WARMING_H
#define ETS144_API_WARMING_H

#include "http/server.h"

struct warming;

/* The application is borrowed until warming_stop. */
struct warming *warming_start(const struct application *application);
/* Waits until the common answers are kept, for at most so many milliseconds. */
void warming_wait(struct warming *warming, int milliseconds); /* NULL is fine */
void warming_stop(struct warming *warming);                   /* NULL is fine */

#endif
