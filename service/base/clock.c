#include "base/clock.h"

enum {
    NANOSECONDS_PER_MICROSECOND = 1000,
    NANOSECONDS_PER_MILLISECOND = 1000000,
    NANOSECONDS_PER_SECOND = 1000000000
};

long long clock_milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * MILLISECONDS_PER_SECOND +
           now.tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

long long clock_microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * MICROSECONDS_PER_SECOND +
           now.tv_nsec / NANOSECONDS_PER_MICROSECOND;
}

struct timespec clock_after(int milliseconds)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    long nanoseconds = moment.tv_nsec +
                       (long)(milliseconds % MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_MILLISECOND;
    moment.tv_sec += milliseconds / MILLISECONDS_PER_SECOND + nanoseconds / NANOSECONDS_PER_SECOND;
    moment.tv_nsec = nanoseconds % NANOSECONDS_PER_SECOND;
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

long long clock_utc_day(void)
{
    return (long long)time(NULL) / SECONDS_PER_DAY;
}

void clock_write_day(long long day, char text[CLOCK_DAY_SIZE])
{
    const time_t begun = day * SECONDS_PER_DAY;
    struct tm date;
    (void)strftime(text, CLOCK_DAY_SIZE, "%Y-%m-%d", gmtime_r(&begun, &date));
}
