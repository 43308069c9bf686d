/* Threads, and the eventfd that wakes them. If the system has none to give, the process aborts with
 * a sentence. */
#ifndef ETS144_BASE_THREAD_H
#define ETS144_BASE_THREAD_H

#include <pthread.h>

/* Caller joins. */
void thread_start(pthread_t *thread, void *(*run)(void *), void *argument);
/* An eventfd, non-blocking; caller closes. */
int thread_wake(void);

#endif
