#include "base/buffer.h"

#include "base/memory.h"

#include <string.h>

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    enum { FIRST_ROOM = 4096 };
    if (length == 0) {
        return; /* memcpy must not get NULL, even for 0 bytes */
    }
    if (buffer->length + length > buffer->room) {
        size_t room = buffer->room > 0 ? buffer->room * 2 : FIRST_ROOM;
        buffer->room = room > buffer->length + length ? room : buffer->length + length;
        buffer->bytes = memory_reallocate(buffer->bytes, buffer->room);
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}
