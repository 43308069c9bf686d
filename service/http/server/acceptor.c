#include "http/server/acceptor.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "http/server/connection_limit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that may wait in the listen queue; the pause after a failed accept. */
enum { BACKLOG = 4096, ACCEPT_PAUSE_MS = 100 };

struct acceptor {
    int listening;
    int wake;                       /* eventfd, written once, by acceptor_close */
    struct MHD_Daemon *daemon;      /* NULL: the thread was not started */
    struct connection_limit *limit; /* borrowed */
    pthread_t thread;
    bool accept_failing; /* the thread's: the last accept failed */
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_storage storage;
};

/* Returns the size; 0: the text is neither an IPv4 nor an IPv6 address. */
static socklen_t read_address(const char *text, int port, union socket_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->four.sin_addr) == 1) {
        address->four.sin_family = AF_INET;
        address->four.sin_port = htons((uint16_t)port);
        return sizeof address->four;
    }
    if (inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1) {
        address->six.sin6_family = AF_INET6;
        address->six.sin6_port = htons((uint16_t)port);
        return sizeof address->six;
    }
    return 0;
}

/* -1: it cannot, and a message is on stderr. */
static int listen_on(const char *text, int port)
{
    union socket_address address;
    socklen_t size = read_address(text, port, &address);
    if (size == 0) {
        (void)fprintf(stderr,
                      "ets144: ETS144_LISTEN_ADDRESS is \"%s\"; it takes an IPv4 or IPv6 "
                      "address.\n",
                      text);
        return -1;
    }
    int listening = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1;
    if (listening < 0 || setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listening, &address.any, size) != 0 || listen(listening, BACKLOG) != 0) {
        (void)fprintf(stderr, "ets144: cannot listen on %s port %d: %s.\n", text, port,
                      errno == EADDRINUSE ? "the port is in use" : strerrordesc_np(errno));
        if (listening >= 0) {
            (void)close(listening);
        }
        return -1;
    }
    return listening;
}

struct acceptor *acceptor_open(const char *address, int port)
{
    int listening = listen_on(address, port);
    if (listening < 0) {
        return NULL;
    }
    struct acceptor *acceptor = memory_allocate(sizeof *acceptor);
    acceptor->listening = listening;
    acceptor->wake = thread_wake();
    return acceptor;
}

int acceptor_port(const struct acceptor *acceptor)
{
    union socket_address bound;
    memset(&bound, 0, sizeof bound);
    socklen_t size = sizeof bound;
    (void)getsockname(acceptor->listening, &bound.any, &size);
    return ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
}

/* Passes a connection to the daemon, which closes it if it fails to add it. */
static void pass_on(struct acceptor *acceptor, int client, const union socket_address *address,
                    socklen_t size)
{
    if (!connection_limit_reserve(acceptor->limit)) {
        (void)close(client);
    } else if (MHD_add_connection(acceptor->daemon, client, &address->any, size) != MHD_YES) {
        connection_limit_unreserve(acceptor->limit);
    }
}

/* Accepts all connections that wait. False: accept fails; the first failure of a series is logged.
 */
static bool accept_all(struct acceptor *acceptor)
{
    for (;;) {
        union socket_address address;
        socklen_t size = sizeof address;
        int client =
            accept4(acceptor->listening, &address.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client >= 0) {
            acceptor->accept_failing = false;
            pass_on(acceptor, client, &address, size);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (!acceptor->accept_failing) {
                log_event(LOG_LEVEL_ERROR, "accept_failed",
                          log_text("error", strerrordesc_np(errno)));
            }
            acceptor->accept_failing = true;
            return false;
        }
    }
}

static void *accept_loop(void *argument)
{
    struct acceptor *acceptor = argument;
    struct pollfd sockets[] = {{.fd = acceptor->wake, .events = POLLIN},
                               {.fd = acceptor->listening, .events = POLLIN}};
    while (sockets[0].revents == 0) {
        bool all = poll(sockets, 2, -1) < 0 || accept_all(acceptor);
        (void)poll(sockets, 1, all ? 0 : ACCEPT_PAUSE_MS);
    }
    return NULL;
}

void acceptor_start(struct acceptor *acceptor, struct MHD_Daemon *daemon,
                    struct connection_limit *limit)
{
    acceptor->daemon = daemon;
    acceptor->limit = limit;
    thread_start(&acceptor->thread, accept_loop, acceptor);
}

void acceptor_close(struct acceptor *acceptor)
{
    if (acceptor == NULL) {
        return;
    }
    if (acceptor->daemon != NULL) {
        (void)eventfd_write(acceptor->wake, 1);
        (void)pthread_join(acceptor->thread, NULL);
    }
    (void)close(acceptor->listening);
    (void)close(acceptor->wake);
    free(acceptor);
}
