#include "http/door.h"

#include "log.h"
#include "memory.h"
#include "thread.h"

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

/* Connections that may wait to be let in; the pause, in milliseconds, when nobody can be. */
enum { BACKLOG = 4096, PAUSE = 100 };

struct door {
    int listening;
    int wake;                  /* eventfd, written to once, at the end */
    struct MHD_Daemon *daemon; /* NULL: the thread was not started */
    pthread_t thread;
    bool stuck; /* the thread's: nobody could be let in */
};

union socket_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_storage storage;
};

/* 0: it is neither an IPv4 nor an IPv6 address. */
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

/* -1 with a sentence on stderr. */
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

struct door *door_open(const char *address, int port)
{
    int listening = listen_on(address, port);
    if (listening < 0) {
        return NULL;
    }
    struct door *door = memory_allocate(sizeof *door);
    door->listening = listening;
    door->wake = thread_wake();
    return door;
}

int door_port(const struct door *door)
{
    union socket_address bound;
    memset(&bound, 0, sizeof bound);
    socklen_t size = sizeof bound;
    (void)getsockname(door->listening, &bound.any, &size);
    return ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
}

/* Lets in everyone who is waiting. False: that cannot be done at present, which is said once. */
static bool let_in(struct door *door)
{
    for (;;) {
        union socket_address address;
        socklen_t size = sizeof address;
        int client = accept4(door->listening, &address.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client >= 0) {
            door->stuck = false;
            /* The daemon closes what it does not take. */
            (void)MHD_add_connection(door->daemon, client, &address.any, size);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (!door->stuck) {
                log_event(LOG_LEVEL_ERROR, "nobody can be let in",
                          log_text("error", strerrordesc_np(errno)));
            }
            door->stuck = true;
            return false;
        }
    }
}

static void *keep_door(void *argument)
{
    struct door *door = argument;
    struct pollfd looked_at[] = {{.fd = door->wake, .events = POLLIN},
                                 {.fd = door->listening, .events = POLLIN}};
    while (looked_at[0].revents == 0) {
        bool all = poll(looked_at, 2, -1) < 0 || let_in(door);
        (void)poll(looked_at, 1, all ? 0 : PAUSE);
    }
    return NULL;
}

void door_admit(struct door *door, struct MHD_Daemon *daemon)
{
    door->daemon = daemon;
    thread_start(&door->thread, keep_door, door);
}

void door_close(struct door *door)
{
    if (door == NULL) {
        return;
    }
    if (door->daemon != NULL) {
        (void)eventfd_write(door->wake, 1);
        (void)pthread_join(door->thread, NULL);
    }
    (void)close(door->listening);
    (void)close(door->wake);
    free(door);
}
