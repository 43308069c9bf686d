/* The guard: to which addresses the service sends of its own accord.
 *
 * Whoever may register a webhook must not get at what only this machine can reach. The URL is
 * judged when it is registered and again before each attempt; the address that its name resolved to
 * is judged at the connection, so that a name cannot lead elsewhere after it was looked at. */
#ifndef ETS144_WEBHOOK_GUARD_H
#define ETS144_WEBHOOK_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

/* What the operator allows beside https to public addresses. */
struct guard {
    bool http;
    bool private_networks; /* loopback, too, and any port */
};

enum guard_verdict {
    GUARD_ALLOWED,
    GUARD_NOT_A_URL, /* not an absolute http or https URL in ASCII */
    GUARD_NOT_SECURE,
    GUARD_CREDENTIALS,
    GUARD_FRAGMENT,
    GUARD_PORT,
    GUARD_ADDRESS /* an address, or a name, that is not of the public Internet */
};

enum { GUARD_URL_LONGEST = 2000 };

enum guard_verdict guard_url(const struct guard *guard, const char *url);
/* Any family but IPv4 and IPv6 is refused. */
bool guard_address(const struct guard *guard, const struct sockaddr *address);

#endif
