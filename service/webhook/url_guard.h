/* The guard: to which addresses the service sends of its own accord.
 *
 * Whoever may register a webhook must not get at what only this machine can reach. The URL is
 * judged when it is registered and again before each attempt; the address that its name resolved to
 * is judged at the connection, so that a name cannot lead elsewhere after it was looked at. */
#ifndef ETS144_WEBHOOK_URL_GUARD_H
#define ETS144_WEBHOOK_URL_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

/* What the operator allows beside https to public addresses. */
struct url_guard {
    bool http;
    bool private_networks; /* loopback, too, and any port */
};

enum url_guard_verdict {
    URL_GUARD_ALLOWED,
    URL_GUARD_NOT_A_URL, /* not an absolute http or https URL in ASCII */
    URL_GUARD_NOT_SECURE,
    URL_GUARD_CREDENTIALS,
    URL_GUARD_FRAGMENT,
    URL_GUARD_PORT,
    URL_GUARD_ADDRESS /* an address, or a name, that is not of the public Internet */
};

enum { MAX_WEBHOOK_URL = 2000 };

enum url_guard_verdict url_guard_url(const struct url_guard *guard, const char *url);
/* Any family but IPv4 and IPv6 is refused. */
bool url_guard_address(const struct url_guard *guard, const struct sockaddr *address);

#endif
