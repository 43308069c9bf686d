/* A thread that probes whether the process still does its work. It reports each success to the
 * service manager (notify.h), and aborts the process when the probe has failed for too long, so
 * that a supervisor that only sees exits, such as a container engine, restarts it. */
#ifndef ETS144_BASE_WATCHDOG_H
#define ETS144_BASE_WATCHDOG_H

#include <stdbool.h>

struct watchdog_settings {
    long long limit_ms; /* without a success until abort(); 0: never */
    int max_probe_ms;   /* longest duration of one probe */
    /* False: no sign of life within so many milliseconds. Called by the thread. */
    bool (*is_alive)(void *source, int timeout_ms);
    void *source;
};

struct watchdog;

/* NULL: there is no limit, and the service manager expects nothing. The source is borrowed until
 * watchdog_stop(). */
struct watchdog *watchdog_start(const struct watchdog_settings *settings);
void watchdog_stop(struct watchdog *watchdog); /* NULL is fine */

#endif
