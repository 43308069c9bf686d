/* Clients that take their time: half of them send a request a byte a second, the others fetch the list a
 * byte a second. Those that are cut off come again.
 * dawdlers PORT PATH CONNECTIONS SECONDS */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct dawdler {
    int socket; /* -1: none */
    size_t sent;
};

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int smallest = 1;
    (void)setsockopt(made, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    (void)fcntl(made, F_SETFL, O_NONBLOCK);
    return made;
}

/* A byte of a request that never ends, or a byte of an answer. */
static int dawdle(struct dawdler *dawdler, int reads, const char *request)
{
    size_t length = strlen(request);
    if (reads) {
        char byte = 0;
        if (dawdler->sent == 0) {
            dawdler->sent = length;
            return send(dawdler->socket, request, length, MSG_NOSIGNAL) == (ssize_t)length;
        }
        ssize_t got = recv(dawdler->socket, &byte, 1, 0);
        return got > 0 || (got < 0 && errno == EAGAIN);
    }
    const char *byte = dawdler->sent < length - 2 ? request + dawdler->sent : "x";
    dawdler->sent++;
    return send(dawdler->socket, byte, 1, MSG_NOSIGNAL) == 1;
}

int main(int count, char **words)
{
    if (count != 5) {
        (void)fputs("dawdlers PORT PATH CONNECTIONS SECONDS\n", stderr);
        return 2;
    }
    struct rlimit files;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    int port = (int)strtol(words[1], NULL, 10);
    int many = (int)strtol(words[3], NULL, 10);
    char request[256];
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nX-Slow: \r\n\r\n", words[2]);
    struct dawdler *dawdlers = calloc((size_t)many, sizeof *dawdlers);
    time_t end = time(NULL) + strtol(words[4], NULL, 10);
    for (int i = 0; i < many; i++) {
        dawdlers[i].socket = -1;
    }
    while (time(NULL) < end) {
        struct timespec begun;
        (void)clock_gettime(CLOCK_MONOTONIC, &begun);
        for (int i = 0; i < many; i++) {
            if (dawdlers[i].socket < 0) {
                dawdlers[i] = (struct dawdler){.socket = connect_to(port)};
            }
            if (dawdlers[i].socket >= 0 && !dawdle(&dawdlers[i], i % 2, request)) {
                (void)close(dawdlers[i].socket);
                dawdlers[i].socket = -1;
            }
        }
        begun.tv_sec++;
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &begun, NULL);
    }
    free(dawdlers);
    return 0;
}
