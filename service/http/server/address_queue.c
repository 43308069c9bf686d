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

char *address_queue_take(struct address_queue *queue, size_t before)
{
    enum { MAX_KEPT = 8192 };
    const char *text = queue->bytes + queue->first;
    size_t size = strlen(text) + 1;
    char *taken = memory_allocate(before + size);
    memcpy(taken + before, text, size);
    queue->first += size;
    if (queue->first == queue->end && queue->capacity > MAX_KEPT) {
        free(queue->bytes);
        *queue = (struct address_queue){.bytes = NULL};
    }
    return taken;
}

size_t address_queue_bytes(const struct address_queue *queue)
{
    return queue->end - queue->first;
}

void address_queue_free(struct address_queue *queue)
{
    free(queue->bytes);
}
