#include "base/notify.h"

#include "base/clock.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Nothing in the process changes its environment. NOLINTBEGIN(concurrency-mt-unsafe) */

void notify_send(const char *assignment)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* an abstract socket, unix(7) */
    }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)sendto(descriptor, assignment, strlen(assignment), MSG_NOSIGNAL,
                 (const struct sockaddr *)(const void *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    (void)close(descriptor);
}

long long notify_watchdog_ms(void)
{
    const char *microseconds = getenv("WATCHDOG_USEC");
    return microseconds == NULL ? 0
                                : strtoll(microseconds, NULL, 10) / MICROSECONDS_PER_MILLISECOND;
}

/* NOLINTEND(concurrency-mt-unsafe) */
