/* Connections of this machine to the service on it, to find out whether it answers. */
#ifndef ETS144_COMMANDS_PROBE_H
#define ETS144_COMMANDS_PROBE_H

#include "config.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

struct probe {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address;
    socklen_t size;
    int timeout_ms; /* of each step */
};

/* The address of a service with these settings; the loopback address if it listens on all. False:
 * LISTEN_ADDRESS is not an IP address. */
bool probe_make(const struct config *config, int port, int timeout_ms, struct probe *probe);

/* The status of the response to GET; 0: none, or no HTTP without TLS. */
int probe_status(const struct probe *probe, const char *path);

enum { MAX_PROBE_CONNECTIONS = 8 };

/* Connections that have not been answered yet. Begins as zeros. */
struct probe_connections {
    int count;
    struct pollfd sockets[MAX_PROBE_CONNECTIONS];
};

/* Opens `count` connections, at most MAX_PROBE_CONNECTIONS, and sends nothing but their end. True:
 * in time the service ended each of them, too, or responded. Its connection threads do that, and
 * the connections go to different ones. Those that were not answered are waited for at the next
 * call, which then opens no others: a thread that hangs is not forgotten. No request is made, so
 * none is logged or counted, and with TLS it works the same. */
bool probe_reacts(const struct probe *probe, int count, struct probe_connections *connections);
void probe_close(struct probe_connections *connections);

#endif
