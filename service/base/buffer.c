#include "base/buffer.h"

#include "base/memory.h"

void buffer_grow(struct buffer *buffer, size_t length)
{
    enum { FIRST_ROOM = 4096 };
    size_t needed = buffer->length + length;
    size_t room = buffer->room > 0 ? buffer->room * 2 : FIRST_ROOM;
    buffer->room = room > needed ? room : needed;
    buffer->bytes = memory_reallocate(buffer->bytes, buffer->room);
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}
