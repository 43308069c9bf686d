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
/* The oldest address, after `before` bytes for the caller, in memory that the caller frees; the
 * queue must have an address. */
char *address_queue_take(struct address_queue *queue, size_t before);
size_t address_queue_bytes(const struct address_queue *queue);
void address_queue_free(struct address_queue *queue);

#endif
