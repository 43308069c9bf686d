/* Connections of this machine to the service on it, to find out whether it answers. */
#ifndef ETS144_COMMANDS_PROBE_H
#define ETS144_COMMANDS_PROBE_H

#include "config.h"

#include <netinet/in.h>
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

/* Opens so many connections, at most eight, and sends nothing but their end. True: the service
 * ended one, too, or responded, in time. Worker threads do that, and the connections go to
 * different ones. No request, so no line in the log; and with TLS it works the same. */
bool probe_reacts(const struct probe *probe, int connections);

#endif
