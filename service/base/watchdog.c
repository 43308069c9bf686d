#include "base/watchdog.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/notify.h"
#include "base/thread.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Probes in the shorter of the two limits. All but one must have failed in a row: by the clock
 * alone a process would abort that continues after SIGSTOP or on a resumed machine. */
enum { PROBES_PER_LIMIT = 4 };

struct watchdog {
    struct watchdog_settings settings;
    int interval_ms;
    int stop_fd; /* eventfd */
    pthread_t thread;
};

static void on_failure(const struct watchdog *watchdog, int failures, long long silence_ms)
{
    if (failures == 1) {
        log_event(LOG_LEVEL_WARNING, "watchdog_probe_failed",
                  log_number("limit_ms", watchdog->settings.limit_ms));
    }
    if (watchdog->settings.limit_ms > 0 && failures >= PROBES_PER_LIMIT - 1 &&
        silence_ms >= watchdog->settings.limit_ms) {
        log_event(LOG_LEVEL_ERROR, "watchdog_expired", log_number("silence_ms", silence_ms));
        abort();
    }
}

static void *watch_loop(void *argument)
{
    const struct watchdog *watchdog = argument;
    const struct watchdog_settings *settings = &watchdog->settings;
    const int timeout_ms = watchdog->interval_ms < settings->max_probe_ms ? watchdog->interval_ms
                                                                          : settings->max_probe_ms;
    struct pollfd stop = {.fd = watchdog->stop_fd, .events = POLLIN};
    long long last_success = clock_milliseconds();
    long long left_ms = 0;
    for (int failures = 0; poll(&stop, 1, (int)left_ms) == 0;) {
        long long next = clock_milliseconds() + watchdog->interval_ms;
        if (settings->is_alive(settings->source, timeout_ms)) {
            failures = 0;
            last_success = clock_milliseconds();
            notify_send("WATCHDOG=1");
        } else {
            on_failure(watchdog, ++failures, clock_milliseconds() - last_success);
        }
        left_ms = next - clock_milliseconds();
        left_ms = left_ms > 0 ? left_ms : 0;
    }
    return NULL;
}

struct watchdog *watchdog_start(const struct watchdog_settings *settings)
{
    long long shorter_ms = notify_watchdog_ms();
    if (settings->limit_ms > 0 && (shorter_ms <= 0 || settings->limit_ms < shorter_ms)) {
        shorter_ms = settings->limit_ms;
    }
    if (shorter_ms <= 0) {
        return NULL;
    }
    struct watchdog *watchdog = memory_allocate(sizeof *watchdog);
    watchdog->settings = *settings;
    watchdog->interval_ms = (int)(shorter_ms / PROBES_PER_LIMIT);
    watchdog->stop_fd = thread_wake();
    thread_start(&watchdog->thread, watch_loop, watchdog);
    return watchdog;
}

void watchdog_stop(struct watchdog *watchdog)
{
    if (watchdog != NULL) {
        (void)eventfd_write(watchdog->stop_fd, 1);
        (void)pthread_join(watchdog->thread, NULL);
        (void)close(watchdog->stop_fd);
        free(watchdog);
    }
}
