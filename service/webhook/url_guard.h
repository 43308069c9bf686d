/* The guard against server-side request forgery: to which addresses webhooks may be sent.
 *
 * Who may register a webhook must not reach what only this machine can. The URL is checked at
 * registration and again before each attempt, and the resolved address at the connection, so that a
 * name cannot resolve to a private address after the check. */
#ifndef ETS144_WEBHOOK_URL_GUARD_H
#define ETS144_WEBHOOK_URL_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

/* What the operator allows besides https to public addresses. */
struct url_guard {
    bool http;
    bool private_networks; /* loopback included, and any port */
};

enum url_guard_verdict {
    URL_GUARD_ALLOWED,
    URL_GUARD_NOT_A_URL, /* not an absolute http or https URL in ASCII */
    URL_GUARD_NOT_SECURE,
    URL_GUARD_CREDENTIALS,
    URL_GUARD_FRAGMENT,
    URL_GUARD_PORT,
    URL_GUARD_ADDRESS /* an address or name outside the public Internet */
};

enum { MAX_WEBHOOK_URL = 2000 };

enum url_guard_verdict url_guard_url(const struct url_guard *guard, const char *url);
/* False for any family but IPv4 and IPv6. */
bool url_guard_address(const struct url_guard *guard, const struct sockaddr *address);

#endif
