/* Loaded before the service (LD_PRELOAD): on SIGUSR1 it writes how many bytes of the heap are in use
 * to the file that SOAK_HEAP names. What malloc holds besides depends on where its arenas were cut. */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigset_t asked;

static void *answer(void *path)
{
    int heard = 0;
    while (sigwait(&asked, &heard) == 0) {
        struct mallinfo2 heap = mallinfo2();
        FILE *file = fopen(path, "we");
        if (file != NULL) {
            (void)fprintf(file, "%zu\n", heap.uordblks + heap.hblkhd);
            (void)fclose(file);
        }
    }
    return NULL;
}

/* Before any other thread: all inherit that SIGUSR1 is blocked. This thread blocks every signal: a
 * SIGHUP that the service waits for would otherwise reach it, and end the process. */
__attribute__((constructor)) static void begin(void)
{
    char *path = getenv("SOAK_HEAP");
    if (path == NULL) {
        return;
    }
    pthread_t thread;
    sigset_t every;
    sigset_t before;
    (void)sigfillset(&every);
    (void)sigemptyset(&asked);
    (void)sigaddset(&asked, SIGUSR1);
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    if (pthread_create(&thread, NULL, answer, path) == 0) {
        (void)pthread_detach(thread);
    }
    (void)sigaddset(&before, SIGUSR1);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
