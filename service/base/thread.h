/* Threads that last as long as what they are for, and what wakes them. The process stops with a
 * sentence if there can be none. */
#ifndef ETS144_BASE_THREAD_H
#define ETS144_BASE_THREAD_H

#include <pthread.h>

/* Caller joins it. */
void thread_start(pthread_t *thread, void *(*run)(void *), void *argument);
/* An eventfd; caller closes it. */
int thread_wake(void);

#endif
