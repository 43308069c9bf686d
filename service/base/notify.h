/* Messages to the service manager, as sd_notify(3), without libsystemd. */
#ifndef ETS144_BASE_NOTIFY_H
#define ETS144_BASE_NOTIFY_H

/* Sends an assignment such as "READY=1". Does nothing if no service manager listens. */
void notify_send(const char *assignment);

/* Time within which the service manager expects "WATCHDOG=1"; 0: it does not. */
long long notify_watchdog_ms(void);

#endif
