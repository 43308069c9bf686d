/* A buffer: bytes from malloc that grow at their end. What was written goes on to the reply as it
 * is, without another copy. */
#ifndef ETS144_BASE_BUFFER_H
#define ETS144_BASE_BUFFER_H

#include <stddef.h>

struct buffer {
    char *bytes; /* from malloc; whoever has the buffer frees it or hands it on */
    size_t length;
    size_t room;
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);

#endif
