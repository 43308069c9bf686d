#include "http/server/address_queue.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void address_queue_put(struct address_queue *queue, const char *text, size_t length)
{
    enum { FIRST_CAPACITY = 128 };
    size_t capacity = queue->capacity > 0 ? queue->capacity : FIRST_CAPACITY;
    if (queue->first == queue->end) {
        queue->first = 0;
        queue->end = 0;
    }
    while (capacity - queue->end <= length) {
        capacity *= 2;
    }
    if (capacity > queue->capacity) {
        queue->bytes = memory_reallocate(queue->bytes, capacity);
        queue->capacity = capacity;
    }
    memcpy(queue->bytes + queue->end, text, length);
    queue->bytes[queue->end + length] = '\0';
    queue->end += length + 1;
}

const char *address_queue_take(struct address_queue *queue)
{
    const char *text = queue->bytes + queue->first;
    queue->first += strlen(text) + 1;
    return text;
}

void address_queue_free(struct address_queue *queue)
{
    free(queue->bytes);
}
