/* Threads that hang, under a test's control: loaded before the C library (LD_PRELOAD), it lets as many
 * threads of libmicrohttpd as the file TEST_HANG says never return from epoll_wait. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef int wait_function(int, struct epoll_event *, int, int);

static int wanted(void)
{
    int count = 0;
    FILE *file = fopen(getenv("TEST_HANG"), "re");
    if (file != NULL) {
        if (fscanf(file, "%d", &count) != 1) {
            count = 0;
        }
        (void)fclose(file);
    }
    return count;
}

int epoll_wait(int descriptor, struct epoll_event *events, int most, int milliseconds)
{
    static atomic_int hanging;
    const union {
        void *address;
        wait_function *function;
    } real = {.address = dlsym(RTLD_NEXT, "epoll_wait")};
    if (atomic_fetch_add(&hanging, 1) < wanted()) {
        for (;;) {
            (void)pause();
        }
    }
    (void)atomic_fetch_sub(&hanging, 1);
    return real.function(descriptor, events, most, milliseconds);
}
