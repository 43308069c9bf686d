/* The handler pool: threads for the work that may wait for the database, so that the connection
 * threads of libmicrohttpd never wait. Bounded in threads and in queued jobs. */
#ifndef ETS144_HTTP_SERVER_HANDLER_POOL_H
#define ETS144_HTTP_SERVER_HANDLER_POOL_H

#include <stdbool.h>

/* The first member of the object that is run. */
struct job {
    struct job *next;
    void (*run)(struct job *job);
};

struct handler_pool;

/* max_queued: jobs that may wait for a thread. */
struct handler_pool *handler_pool_open(int threads, int max_queued);
/* Runs the queued jobs and ends the threads; no job is accepted from then on. */
void handler_pool_stop(struct handler_pool *pool);
void handler_pool_free(struct handler_pool *pool); /* after the stop; NULL is fine */

/* Queues a job, which the pool borrows until it was run. False: the queue is full, or the pool
 * stops. */
bool handler_pool_submit(struct handler_pool *pool, struct job *job);

#endif
