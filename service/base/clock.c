#include "base/clock.h"

/* Nanoseconds; and milliseconds of a second. */
enum { MICROSECOND = 1000, MILLISECOND = 1000000, SECOND = 1000 };

long long clock_milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * SECOND + now.tv_nsec / MILLISECOND;
}

long long clock_microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * SECOND * SECOND + now.tv_nsec / MICROSECOND;
}

struct timespec clock_after(int milliseconds)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    long nanoseconds = moment.tv_nsec + (long)(milliseconds % SECOND) * MILLISECOND;
    moment.tv_sec += milliseconds / SECOND + nanoseconds / ((long)SECOND * MILLISECOND);
    moment.tv_nsec = nanoseconds % ((long)SECOND * MILLISECOND);
    return moment;
}

void clock_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}
