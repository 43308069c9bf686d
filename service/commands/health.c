/* ets144 health: whether a service with these settings answers on this machine, for a supervisor
 * that can only run a program. */
#include "commands/commands.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNECT_TIMEOUT_MS = 2 /* seconds for each step */ };

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* Where the service is to be reached from this machine; the family is AF_UNSPEC if nowhere. */
static union address address_of(const struct config *config)
{
    union address address;
    memset(&address, 0, sizeof address);
    if (inet_pton(AF_INET, config->listen_address, &address.four.sin_addr) == 1) {
        address.four.sin_family = AF_INET;
        address.four.sin_port = htons((uint16_t)config->port);
        if (address.four.sin_addr.s_addr == htonl(INADDR_ANY)) {
            address.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
    } else if (inet_pton(AF_INET6, config->listen_address, &address.six.sin6_addr) == 1) {
        address.six.sin6_family = AF_INET6;
        address.six.sin6_port = htons((uint16_t)config->port);
        if (IN6_IS_ADDR_UNSPECIFIED(&address.six.sin6_addr)) {
            address.six.sin6_addr = in6addr_loopback;
        }
    }
    return address;
}

/* The status code of the answer to a GET; 0: there is none. */
static int status_of(int connection, const union address *address, const char *path)
{
    char text[128];
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
    int status = 0;
    if (connect(connection, &address->any,
                address->any.sa_family == AF_INET6 ? sizeof address->six : sizeof address->four) ==
            0 &&
        send(connection, text, (size_t)length, MSG_NOSIGNAL) == length) {
        ssize_t got = recv(connection, text, sizeof text - 1, MSG_WAITALL);
        text[got > 0 ? got : 0] = '\0';
        /* What is not a number is no status. NOLINTNEXTLINE(cert-err34-c) */
        if (sscanf(text, "HTTP/1.%*1d %3d", &status) != 1) {
            status = 0;
        }
    }
    return status;
}

int command_health(const struct config *config, int count, char **words)
{
    bool ready = count == 1 && strcmp(words[0], "ready") == 0;
    if (count > 1 || (count == 1 && !ready && strcmp(words[0], "live") != 0)) {
        (void)fputs("ets144: health takes live or ready.\n", stderr);
        return 2;
    }
    union address address = address_of(config);
    int connection = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0) {
        (void)fputs("ets144: ETS144_LISTEN_ADDRESS is no address.\n", stderr);
        return 2;
    }
    const struct timeval patience = {.tv_sec = CONNECT_TIMEOUT_MS};
    (void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    int status = status_of(connection, &address, ready ? "/health/ready" : "/health/live");
    (void)close(connection);
    if (status != 200) {
        (void)fprintf(stderr, "ets144: the service is not %s (%d).\n", ready ? "ready" : "live",
                      status);
    }
    return status == 200 ? 0 : 1;
}
