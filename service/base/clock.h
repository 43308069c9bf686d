/* Time that only goes forward, for deadlines and for how long something took. */
#ifndef ETS144_BASE_CLOCK_H
#define ETS144_BASE_CLOCK_H

#include <pthread.h>
#include <time.h>

/* Milliseconds and microseconds since some moment of the past. */
long long clock_milliseconds(void);
long long clock_microseconds(void);
/* The moment so many milliseconds from now, for a condition of clock_condition. */
struct timespec clock_after(int milliseconds);
/* Makes a condition whose timed waits go by this clock. */
void clock_condition(pthread_cond_t *condition);

#endif
