/* ets144 health: asks the service with these settings on this machine, for a supervisor that can
 * only run a program. */
#include "commands/commands.h"
#include "commands/probe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int command_health(const struct config *config, int count, char **words)
{
    enum { TIMEOUT_MS = 2000 };
    const char *question = count > 1 ? words[1] : "live";
    const bool ready = strcmp(question, "ready") == 0;
    if (!ready && strcmp(question, "live") != 0) {
        (void)fputs("ets144: health takes live or ready.\n", stderr);
        return 2;
    }
    struct probe probe;
    if (!probe_make(config, (int)config->port, TIMEOUT_MS, &probe)) {
        (void)fputs("ets144: ETS144_LISTEN_ADDRESS is not an IP address.\n", stderr);
        return 2;
    }
    int status = probe_status(&probe, ready ? "/health/ready" : "/health/live");
    if (status != 200) {
        (void)fprintf(stderr, "ets144: the service is not %s (%d).\n", question, status);
    }
    return status == 200 ? 0 : 1;
}
