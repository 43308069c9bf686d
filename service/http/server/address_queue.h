/* The addresses of requests whose heads were given to libmicrohttpd, until it starts on them: it is
 * given "/" instead, as it would decode the path, parse the query and keep both. */
#ifndef ETS144_HTTP_SERVER_ADDRESS_QUEUE_H
#define ETS144_HTTP_SERVER_ADDRESS_QUEUE_H

#include <stddef.h>

/* Zeroed: empty. */
struct address_queue {
    char *bytes;  /* texts, each with its NUL; owned */
    size_t first; /* of the oldest text */
    size_t end;
    size_t capacity;
};

void address_queue_put(struct address_queue *queue, const char *text, size_t length);
/* The oldest address, valid until the next call; the queue must have one. */
const char *address_queue_take(struct address_queue *queue);
void address_queue_free(struct address_queue *queue);

#endif
