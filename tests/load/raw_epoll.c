/* The limit of the machine: epoll, recv and send alone. Asks the service once for PATH, and answers
 * every request with the bytes of that response, head and body. A connection has a request at a time.
 * raw_epoll PORT THREADS SERVICE_PORT PATH [ETAG]
 *
 * With ETAG, the response is the service's 304. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, LONGEST_HEAD = 4096, LONGEST_RESPONSE = 1 << 20 };

struct client {
    int socket;
    size_t length;
    char head[LONGEST_HEAD];
};

static char response[LONGEST_RESPONSE];
static size_t response_length;

static struct sockaddr_in address_of(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)strtol(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Reads the service's response to its end: that of its head and, but for a 304, of Content-Length.
 */
static int fetch(const char *port, const char *path, const char *tag)
{
    struct sockaddr_in address = address_of(port);
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    (void)dprintf(made, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n%s%s%s\r\n", path, port,
                  tag != NULL ? "If-None-Match: " : "", tag != NULL ? tag : "",
                  tag != NULL ? "\r\n" : "");
    ssize_t got = 0;
    size_t whole = LONGEST_RESPONSE - 1;
    while (response_length < whole &&
           (got = recv(made, response + response_length, whole - response_length, 0)) > 0) {
        response_length += (size_t)got;
        response[response_length] = '\0';
        const char *end = strstr(response, "\r\n\r\n");
        const char *length = strcasestr(response, "\r\nContent-Length: ");
        if (end != NULL) {
            whole = (size_t)(end - response) + 4;
            whole += tag == NULL && length != NULL ? strtoul(length + 18, NULL, 10) : 0;
        }
    }
    (void)close(made);
    return strncmp(response, tag != NULL ? "HTTP/1.1 304" : "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

/* Reads up to the blank line and sends the response; closes the connection if the client did. */
static void serve(struct client *client)
{
    ssize_t got = recv(client->socket, client->head + client->length,
                       sizeof client->head - 1 - client->length, 0);
    if (got <= 0) {
        (void)close(client->socket);
        free(client);
        return;
    }
    client->length += (size_t)got;
    client->head[client->length] = '\0';
    if (strstr(client->head, "\r\n\r\n") != NULL) {
        client->length = 0;
        (void)send(client->socket, response, response_length, MSG_NOSIGNAL);
    }
}

static void *loop(void *epoll)
{
    struct epoll_event ready[EVENTS];
    for (;;) {
        int count = epoll_wait(*(int *)epoll, ready, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            serve(ready[i].data.ptr);
        }
    }
    return NULL;
}

int main(int count, char **words)
{
    if (count < 5 || fetch(words[3], words[4], words[5]) != 0) {
        (void)fputs("raw_epoll PORT THREADS SERVICE_PORT PATH [ETAG]\n", stderr);
        return 2;
    }
    int threads = (int)strtol(words[2], NULL, 10);
    int *epolls = calloc((size_t)threads, sizeof *epolls);
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        epolls[i] = epoll_create1(EPOLL_CLOEXEC);
        (void)pthread_create(&thread, NULL, loop, &epolls[i]);
    }
    struct sockaddr_in address = address_of(words[1]);
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listening, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listening, SOMAXCONN) != 0) {
        return 1;
    }
    /* The threads get the connections in turn, as those of the service do. */
    for (int turn = 0;; turn = (turn + 1) % threads) {
        struct client *client = calloc(1, sizeof *client);
        client->socket = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        (void)setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        (void)epoll_ctl(epolls[turn], EPOLL_CTL_ADD, client->socket, &event);
    }
}
