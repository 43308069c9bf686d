/* Content codings (RFC 9110 §8.4). */
#ifndef ETS144_HTTP_MESSAGE_ENCODING_H
#define ETS144_HTTP_MESSAGE_ENCODING_H

#include "http/message/entity_tag.h"

#include <stdbool.h>
#include <stddef.h>

enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_COUNT };

/* Bytes; below that a coding saves nothing. */
enum { MIN_ENCODED_BYTES = 256 };

/* "gzip", "br"; NULL for identity. */
const char *encoding_name(enum encoding encoding);

/* Encodes the bytes; *encoded is from malloc. False: the encoder failed, or the result would not be
 * smaller. */
bool encoding_make(enum encoding encoding, const char *bytes, size_t length, char **encoded,
                   size_t *encoded_length);

/* The strong tag of an encoded representation, made from the tag of the plain bytes: "…-gzip". */
void encoding_tag(enum encoding encoding, const char *tag, char encoded_tag[ENTITY_TAG_SIZE]);

#endif
