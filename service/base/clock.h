/* A monotonic clock, for deadlines and durations. */
#ifndef ETS144_BASE_CLOCK_H
#define ETS144_BASE_CLOCK_H

#include <pthread.h>
#include <time.h>

enum {
    MILLISECONDS_PER_SECOND = 1000,
    MICROSECONDS_PER_MILLISECOND = 1000,
    MICROSECONDS_PER_SECOND = 1000000,
    NANOSECONDS_PER_MICROSECOND = 1000,
    NANOSECONDS_PER_MILLISECOND = 1000000,
    NANOSECONDS_PER_SECOND = 1000000000
};

/* Milliseconds and microseconds since a fixed moment in the past. */
long long clock_milliseconds(void);
long long clock_microseconds(void);
/* That many milliseconds as a length of time. */
struct timespec clock_duration(long long milliseconds);
/* That many milliseconds from now, as the deadline of a condition made by clock_condition. */
struct timespec clock_after(int milliseconds);
/* Initialises a condition whose timed waits use this clock. */
void clock_condition(pthread_cond_t *condition);

#endif
