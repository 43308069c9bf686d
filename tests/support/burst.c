/* Opens many connections at once, sends nothing, and holds them:
 * burst PORT COUNT SECONDS SOURCE_ADDRESS
 * Prints how many were connected. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_from(const char *source, int port)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1;
    (void)inet_pton(AF_INET, source, &from.sin_addr);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (made >= 0) {
        (void)setsockopt(made, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        (void)bind(made, (struct sockaddr *)&from, sizeof from);
        (void)connect(made, (struct sockaddr *)&to, sizeof to);
    }
    return made;
}

int main(int count, char **words)
{
    if (count != 5) {
        (void)fputs("burst PORT COUNT SECONDS SOURCE_ADDRESS\n", stderr);
        return 2;
    }
    struct rlimit files;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    int wanted = atoi(words[2]);
    int opened = 0;
    while (opened < wanted && connect_from(words[4], atoi(words[1])) >= 0) {
        opened++;
    }
    (void)printf("%d\n", opened);
    (void)fflush(stdout);
    (void)sleep((unsigned)atoi(words[3]));
    return 0;
}
