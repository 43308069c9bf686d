/* Content codings (RFC 9110 §8.4): the forms in which the bytes of one answer travel. */
#ifndef ETS144_HTTP_MESSAGE_ENCODING_H
#define ETS144_HTTP_MESSAGE_ENCODING_H

#include "http/message/entity_tag.h"

#include <stdbool.h>
#include <stddef.h>

enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_COUNT };

/* Bytes below which a coding saves nothing. */
enum { MIN_ENCODED_BYTES = 256 };

/* "gzip", "br"; NULL for identity. */
const char *encoding_name(enum encoding encoding);

/* The bytes in another form, from malloc. False: the coder failed; send them as they are. */
bool encoding_make(enum encoding encoding, const char *bytes, size_t length, char **encoded,
                   size_t *encoded_length);

/* The strong tag of a form, made from that of the bytes: "…-gzip". */
void encoding_tag(enum encoding encoding, const char *tag, char of_form[ENTITY_TAG_SIZE]);

#endif
