#include "commands/probe.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

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

/* libmicrohttpd chooses a thread by the number of the accepted descriptor. All of ours are opened
 * before the first is accepted, so that those numbers are consecutive. False: one cannot connect.
 */
static bool open_connections(const struct probe *probe, int count,
                             struct probe_connections *connections)
{
    connections->count = count < MAX_PROBE_CONNECTIONS ? count : MAX_PROBE_CONNECTIONS;
    for (int i = 0; i < connections->count; i++) {
        connections->sockets[i] = (struct pollfd){.fd = open_socket(probe), .events = POLLIN};
    }
    bool good = true;
    for (int i = 0; i < connections->count && good; i++) {
        const int descriptor = connections->sockets[i].fd;
        good = connect_to(descriptor, probe) && shutdown(descriptor, SHUT_WR) == 0;
    }
    return good;
}

bool probe_reacts(const struct probe *probe, int count, struct probe_connections *connections)
{
    const long long deadline = clock_milliseconds() + probe->timeout_ms;
    if (connections->count == 0 && !open_connections(probe, count, connections)) {
        probe_close(connections);
        return false;
    }
    while (connections->count > 0) {
        const int last = connections->count - 1;
        const long long left = deadline - clock_milliseconds();
        if (poll(&connections->sockets[last], 1, left > 0 ? (int)left : 0) <= 0) {
            return false;
        }
        (void)close(connections->sockets[last].fd);
        connections->count = last;
    }
    return true;
}

void probe_close(struct probe_connections *connections)
{
    for (; connections->count > 0; connections->count--) {
        (void)close(connections->sockets[connections->count - 1].fd);
    }
}
