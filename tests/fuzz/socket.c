/* The input is what a client sends on a connection; then it sends no more. The service answers
 * something that begins like HTTP, or nothing, and goes on answering others. */
#include "fuzz.h"
#include "http/server/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUIET_MS = 2, FIRST_MS = 30, ANSWER = 65536 };

static int server_at(void)
{
    static struct server *server;
    if (server == NULL) {
        const struct server_settings settings = {.address = "127.0.0.1",
                                                 .threads = 1,
                                                 .handler_threads = 2,
                                                 .connection_limit = 200,
                                                 .idle_timeout_seconds = 1,
                                                 .request_timeout_seconds = 1,
                                                 .response_timeout_seconds = 61,
                                                 .other_files = 10};
        server = server_start(&settings, fuzz_application());
        fuzz_require(server != NULL, "the service starts");
    }
    return server_port(server);
}

static int connect_to(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct linger reset = {.l_onoff = 1};
    (void)setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    fuzz_require(connect(connection, (struct sockaddr *)&to, sizeof to) == 0, "it accepts");
    return connection;
}

/* Reads what comes until nothing comes for a while; the length. */
static size_t read_answer(int connection, char *answer, int first_ms)
{
    struct pollfd wait = {.fd = connection, .events = POLLIN};
    size_t length = 0;
    while (length < ANSWER - 1 && poll(&wait, 1, length == 0 ? first_ms : QUIET_MS) > 0) {
        ssize_t came = recv(connection, answer + length, ANSWER - 1 - length, 0);
        if (came <= 0) {
            break;
        }
        length += (size_t)came;
    }
    answer[length] = '\0';
    return length;
}

static void demand_service(int port)
{
    enum { PATIENCE_MS = 20000 };
    static const char request[] = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    static char answer[ANSWER];
    int connection = connect_to(port);
    (void)send(connection, request, sizeof request - 1, MSG_NOSIGNAL);
    (void)read_answer(connection, answer, PATIENCE_MS);
    fuzz_require(strncmp(answer, "HTTP/1.1 200", 12) == 0, "others are answered");
    (void)close(connection);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { BETWEEN = 64 };
    static char answer[ANSWER];
    static unsigned count;
    int port = server_at();
    int connection = connect_to(port);
    (void)send(connection, bytes, size, MSG_NOSIGNAL);
    (void)shutdown(connection, SHUT_WR);
    if (read_answer(connection, answer, FIRST_MS) > 0) {
        fuzz_require(strncmp(answer, "HTTP/1.", 7) == 0, "an answer is HTTP");
        fuzz_require(strncmp(answer + 8, " 500", 4) != 0, "no request is a fault of the service");
    }
    (void)close(connection);
    if (count++ % BETWEEN == 0) {
        demand_service(port);
    }
    return 0;
}
