#include "commands/probe.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 8 };

bool probe_make(const struct config *config, int port, int timeout_ms, struct probe *probe)
{
    memset(probe, 0, sizeof *probe);
    probe->timeout_ms = timeout_ms;
    struct sockaddr_in *four = &probe->address.four;
    struct sockaddr_in6 *six = &probe->address.six;
    if (inet_pton(AF_INET, config->listen_address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        if (four->sin_addr.s_addr == htonl(INADDR_ANY)) {
            four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
        probe->size = sizeof *four;
    } else if (inet_pton(AF_INET6, config->listen_address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        if (IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr)) {
            six->sin6_addr = in6addr_loopback;
        }
        probe->size = sizeof *six;
    }
    return probe->size > 0;
}

/* Caller closes; -1: there is no descriptor left. */
static int open_socket(const struct probe *probe)
{
    const struct timespec timeout = clock_duration(probe->timeout_ms);
    const struct timeval value = {.tv_sec = timeout.tv_sec,
                                  .tv_usec = timeout.tv_nsec / NANOSECONDS_PER_MICROSECOND};
    int descriptor = socket(probe->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
    return descriptor;
}

static bool connect_to(int descriptor, const struct probe *probe)
{
    return connect(descriptor, &probe->address.any, probe->size) == 0;
}

int probe_status(const struct probe *probe, const char *path)
{
    char text[128];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
    int status = 0;
    int descriptor = open_socket(probe);
    if (connect_to(descriptor, probe) &&
        send(descriptor, text, (size_t)length, MSG_NOSIGNAL) == length) {
        ssize_t count = recv(descriptor, text, sizeof text - 1, MSG_WAITALL);
        text[count > 0 ? count : 0] = '\0';
        /* A status that is not a number is none. NOLINTNEXTLINE(cert-err34-c) */
        if (sscanf(text, "HTTP/1.%*1d %3d", &status) != 1) {
            status = 0;
        }
    }
    (void)close(descriptor);
    return status;
}

bool probe_reacts(const struct probe *probe, int connections)
{
    struct pollfd sockets[MAX_CONNECTIONS];
    const int count = connections < MAX_CONNECTIONS ? connections : MAX_CONNECTIONS;
    /* The library chooses a worker by the number of the accepted descriptor. All of ours are opened
     * before the first is accepted, so that those numbers are consecutive. */
    for (int i = 0; i < count; i++) {
        sockets[i] = (struct pollfd){.fd = open_socket(probe), .events = POLLIN};
    }
    bool connected = true;
    for (int i = 0; i < count && connected; i++) {
        connected = connect_to(sockets[i].fd, probe) && shutdown(sockets[i].fd, SHUT_WR) == 0;
    }
    bool reacted = connected && poll(sockets, (nfds_t)count, probe->timeout_ms) > 0;
    for (int i = 0; i < count; i++) {
        (void)close(sockets[i].fd);
    }
    return reacted;
}
