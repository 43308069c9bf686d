#include "http/server/handler_pool.h"

#include "base/memory.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdlib.h>

struct handler_pool {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a job was queued, or the pool stops */
    struct job *first;
    struct job **last; /* the link that the next job goes to */
    int queued;
    int max_queued;
    bool stopped;
    int thread_count;
    pthread_t threads[];
};

/* NULL: the pool stops, and the queue is empty. */
static struct job *next_job(struct handler_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    while (pool->first == NULL && !pool->stopped) {
        (void)pthread_cond_wait(&pool->changed, &pool->lock);
    }
    struct job *job = pool->first;
    if (job != NULL) {
        pool->first = job->next;
        pool->last = pool->first != NULL ? pool->last : &pool->first;
        pool->queued--;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *run_loop(void *argument)
{
    struct handler_pool *pool = argument;
    for (struct job *job; (job = next_job(pool)) != NULL;) {
        job->run(job);
    }
    return NULL;
}

struct handler_pool *handler_pool_open(int threads, int max_queued)
{
    struct handler_pool *pool =
        memory_allocate(sizeof *pool + (size_t)threads * sizeof pool->threads[0]);
    pool->max_queued = max_queued;
    pool->last = &pool->first;
    pool->thread_count = threads;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->changed, NULL);
    for (int i = 0; i < threads; i++) {
        thread_start(&pool->threads[i], run_loop, pool);
    }
    return pool;
}

void handler_pool_stop(struct handler_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->stopped = true;
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->thread_count; i++) {
        (void)pthread_join(pool->threads[i], NULL);
    }
}

void handler_pool_free(struct handler_pool *pool)
{
    if (pool != NULL) {
        (void)pthread_cond_destroy(&pool->changed);
        (void)pthread_mutex_destroy(&pool->lock);
        free(pool);
    }
}

bool handler_pool_submit(struct handler_pool *pool, struct job *job)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool accepted = !pool->stopped && pool->queued < pool->max_queued;
    if (accepted) {
        job->next = NULL;
        *pool->last = job;
        pool->last = &job->next;
        pool->queued++;
        (void)pthread_cond_signal(&pool->changed);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return accepted;
}
