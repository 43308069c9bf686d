/* Dashboards: keep-alive connections that each ask once a second whether anything has changed.
 * pollers PORT PATH ETAG CONNECTIONS SECONDS
 *
 * Open loop: each poll has its time, and its latency counts from then, whether it could be sent in
 * time or not. Prints errors, polls, and p50, p99 and the longest latency in milliseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 1024, SECOND = 1000000000 };

struct poller {
    int socket;
    long long due;   /* when the poll that is under way was to be sent */
    int under_way;
    int head_length; /* bytes of the answer's head seen so far */
    char head[1024];
};

static long long now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * SECOND + time.tv_nsec;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    (void)fcntl(made, F_SETFL, O_NONBLOCK);
    return made;
}

static int by_value(const void *left, const void *right)
{
    long long a = *(const long long *)left;
    long long b = *(const long long *)right;
    return (a > b) - (a < b);
}

/* Reads what came; 1: the answer is whole (a 304 has no body), -1: it is another or none. */
static int read_answer(struct poller *poller)
{
    ssize_t got = recv(poller->socket, poller->head + poller->head_length,
                       sizeof poller->head - 1 - (size_t)poller->head_length, 0);
    if (got <= 0) {
        return got < 0 && errno == EAGAIN ? 0 : -1;
    }
    poller->head_length += (int)got;
    poller->head[poller->head_length] = '\0';
    if (strstr(poller->head, "\r\n\r\n") == NULL) {
        return poller->head_length < (int)sizeof poller->head - 1 ? 0 : -1;
    }
    return strncmp(poller->head, "HTTP/1.1 304", 12) == 0 ? 1 : -1;
}

int main(int count, char **words)
{
    if (count != 6) {
        (void)fputs("pollers PORT PATH ETAG CONNECTIONS SECONDS\n", stderr);
        return 2;
    }
    int connections = (int)strtol(words[4], NULL, 10);
    long long seconds = strtol(words[5], NULL, 10);
    struct rlimit files;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: %s\r\n\r\n",
                          words[2], words[3]);
    struct poller *pollers = calloc((size_t)connections, sizeof *pollers);
    long long *latencies = calloc((size_t)(connections * (seconds + 1)), sizeof *latencies);
    int events = epoll_create1(EPOLL_CLOEXEC);
    long long errors = 0;
    for (int i = 0; i < connections; i++) {
        pollers[i].socket = connect_to((int)strtol(words[1], NULL, 10));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &pollers[i]};
        if (pollers[i].socket < 0 ||
            epoll_ctl(events, EPOLL_CTL_ADD, pollers[i].socket, &event) != 0) {
            errors++;
        }
    }
    /* The polls of one second are spread over it evenly. */
    long long start = now() + SECOND / 10;
    long long sent = 0;
    long long answered = 0;
    long long total = connections * seconds;
    while ((sent < total || answered + errors < sent) && now() < start + (seconds + 5) * SECOND) {
        long long time = now();
        for (; sent < total && start + sent * SECOND / connections <= time; sent++) {
            struct poller *poller = &pollers[sent % connections];
            if (poller->under_way ||
                send(poller->socket, request, (size_t)length, MSG_NOSIGNAL) != length) {
                errors++;
                continue;
            }
            poller->under_way = 1;
            poller->head_length = 0;
            poller->due = start + sent * SECOND / connections;
        }
        struct epoll_event ready[EVENTS];
        int found = epoll_wait(events, ready, EVENTS, 1);
        for (int i = 0; i < found; i++) {
            struct poller *poller = ready[i].data.ptr;
            int whole = read_answer(poller);
            if (whole != 0 && poller->under_way) {
                poller->under_way = 0;
                if (whole > 0) {
                    latencies[answered++] = now() - poller->due;
                } else {
                    errors++;
                }
            }
            if (whole < 0) {
                (void)epoll_ctl(events, EPOLL_CTL_DEL, poller->socket, NULL);
            }
        }
    }
    errors += sent - answered - errors > 0 ? sent - answered - errors : 0;
    qsort(latencies, (size_t)answered, sizeof *latencies, by_value);
    if (answered == 0) {
        (void)printf("errors %lld polls 0 p50 0 p99 0 longest 0\n", errors);
        return 1;
    }
    (void)printf("errors %lld polls %lld p50 %.3f p99 %.3f longest %.3f\n", errors, answered,
                 (double)latencies[answered / 2] / 1e6,
                 (double)latencies[answered * 99 / 100] / 1e6,
                 (double)latencies[answered - 1] / 1e6);
    return 0;
}
