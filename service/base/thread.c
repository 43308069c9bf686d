#include "base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

static void stop(void)
{
    (void)fputs("ets144: no thread or eventfd could be created.\n", stderr);
    abort();
}

void thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    if (pthread_create(thread, NULL, run, argument) != 0) {
        stop();
    }
}

int thread_wake(void)
{
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0) {
        stop();
    }
    return wake;
}
