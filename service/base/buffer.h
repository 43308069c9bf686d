/* A growing buffer of bytes from malloc, which becomes the body of a response without a copy. */
#ifndef ETS144_BASE_BUFFER_H
#define ETS144_BASE_BUFFER_H

#include <stddef.h>

struct buffer {
    char *bytes; /* from malloc; the owner of the buffer frees it or passes it on */
    size_t length;
    size_t room;
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);

#endif
