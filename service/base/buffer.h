/* A growing buffer of bytes from malloc, which becomes the body of a response without a copy. */
#ifndef ETS144_BASE_BUFFER_H
#define ETS144_BASE_BUFFER_H

#include <stddef.h>
#include <string.h>

struct buffer {
    char *bytes; /* from malloc; the owner of the buffer frees it or passes it on */
    size_t length;
    size_t room;
};

/* Makes room for so many more bytes. */
void buffer_grow(struct buffer *buffer, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);

/* Inline: a row is written in hundreds of small pieces. */
static inline void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    if (length == 0) {
        return; /* memcpy must not get NULL, even for 0 bytes */
    }
    if (buffer->room - buffer->length < length) {
        buffer_grow(buffer, length);
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

#endif
