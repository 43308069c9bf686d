#include "base/clock.h"

static struct timespec now(void)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment;
}

long long clock_milliseconds(void)
{
    const struct timespec moment = now();
    return (long long)moment.tv_sec * MILLISECONDS_PER_SECOND +
           moment.tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

long long clock_microseconds(void)
{
    const struct timespec moment = now();
    return (long long)moment.tv_sec * MICROSECONDS_PER_SECOND +
           moment.tv_nsec / NANOSECONDS_PER_MICROSECOND;
}

struct timespec clock_duration(long long milliseconds)
{
    return (struct timespec){.tv_sec = milliseconds / MILLISECONDS_PER_SECOND,
                             .tv_nsec = (long)(milliseconds % MILLISECONDS_PER_SECOND) *
                                        NANOSECONDS_PER_MILLISECOND};
}

struct timespec clock_after(int milliseconds)
{
    struct timespec moment = now();
    const struct timespec length = clock_duration(milliseconds);
    const long nanoseconds = moment.tv_nsec + length.tv_nsec;
    moment.tv_sec += length.tv_sec + nanoseconds / NANOSECONDS_PER_SECOND;
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
