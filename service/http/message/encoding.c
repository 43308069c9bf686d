#define ZLIB_CONST /* zlib's input is const */
#include "http/message/encoding.h"

#include "base/memory.h"

#include <brotli/encode.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* A response is encoded once and sent often, but the first client waits for it. */
enum { GZIP_LEVEL = 6, GZIP_WINDOW = 15 + 16 /* with gzip's header */, GZIP_MEMORY = 8 };
enum { BROTLI_EFFORT = 5 };

const char *encoding_name(enum encoding encoding)
{
    static const char *const names[ENCODING_COUNT] = {NULL, "gzip", "br"};
    return names[encoding];
}

static bool make_gzip(const char *bytes, size_t length, char *encoded, size_t capacity,
                      size_t *made)
{
    z_stream stream = {.next_in = NULL};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    stream.next_in = (z_const Bytef *)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)encoded;
    stream.avail_out = (uInt)capacity;
    bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *made = stream.total_out;
    (void)deflateEnd(&stream);
    return done;
}

static bool make_brotli(const char *bytes, size_t length, char *encoded, size_t capacity,
                        size_t *made)
{
    *made = capacity;
    return BrotliEncoderCompress(BROTLI_EFFORT, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, length,
                                 (const uint8_t *)bytes, made, (uint8_t *)encoded) == BROTLI_TRUE;
}

bool encoding_make(enum encoding encoding, const char *bytes, size_t length, char **encoded,
                   size_t *encoded_length)
{
    if (length > UINT32_MAX / 2) {
        return false;
    }
    /* No room to grow: an encoding that does not shrink the bytes fails. */
    *encoded = memory_allocate(length);
    bool done = encoding == ENCODING_GZIP
                    ? make_gzip(bytes, length, *encoded, length, encoded_length)
                    : make_brotli(bytes, length, *encoded, length, encoded_length);
    if (!done) {
        free(*encoded);
        *encoded = NULL;
    }
    return done;
}

void encoding_tag(enum encoding encoding, const char *tag, char encoded_tag[ENTITY_TAG_SIZE])
{
    const char *name = encoding_name(encoding);
    if (name == NULL) {
        (void)snprintf(encoded_tag, ENTITY_TAG_SIZE, "%s", tag);
    } else {
        (void)snprintf(encoded_tag, ENTITY_TAG_SIZE, "%.*s-%s\"", (int)strlen(tag) - 1, tag, name);
    }
}
