/* Monotonic time, for deadlines and durations; and the day of UTC. */
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
    NANOSECONDS_PER_SECOND = 1000000000,
    SECONDS_PER_DAY = 86400
};
enum { CLOCK_DAY_SIZE = sizeof "YYYY-MM-DD" };

/* Milliseconds and microseconds since a fixed moment in the past. */
long long clock_milliseconds(void);
long long clock_microseconds(void);
/* That many milliseconds as a length of time. */
struct timespec clock_duration(long long milliseconds);
/* That many milliseconds from now, as the deadline of a condition made by clock_condition. */
struct timespec clock_after(int milliseconds);
/* Initialises a condition whose timed waits use this clock. */
void clock_condition(pthread_cond_t *condition);

/* The day of UTC, counted from 1970, by the machine's clock; and such a day as YYYY-MM-DD. */
long long clock_utc_day(void);
void clock_write_day(long long day, char text[CLOCK_DAY_SIZE]);

#endif
