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

/* Before any other thread: all inherit that the signal is blocked. */
__attribute__((constructor)) static void begin(void)
{
    char *path = getenv("SOAK_HEAP");
    pthread_t thread;
    (void)sigemptyset(&asked);
    (void)sigaddset(&asked, SIGUSR1);
    if (path != NULL && pthread_sigmask(SIG_BLOCK, &asked, NULL) == 0 &&
        pthread_create(&thread, NULL, answer, path) == 0) {
        (void)pthread_detach(thread);
    }
}
