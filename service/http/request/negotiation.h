/* What the client accepts (RFC 9110 §12): media types and languages, with their weights. */
#ifndef ETS144_HTTP_REQUEST_NEGOTIATION_H
#define ETS144_HTTP_REQUEST_NEGOTIATION_H

#include "http/message/encoding.h"
#include "http/message/message.h"

/* The index of the best of the offered media types (ends with NULL); -1: none is acceptable.
 * accept NULL: anything is. */
int negotiate_media(const char *accept, const char *const *offered);

/* English unless French is preferred; a language nobody offers is no error (RFC 9110 §12.4). */
enum language negotiate_language(const char *accept_language);

/* The best coding that is accepted (RFC 9110 §12.5.3); at equal weight the smaller form. Without
 * the header, identity. */
enum encoding negotiate_encoding(const char *accept_encoding);

/* The seconds for which the client would wait for news (RFC 7240 §4.3), up to
 * MAX_WAIT_SECONDS; 0: it would not, or its preference cannot be understood. */
enum { MAX_WAIT_SECONDS = 60 };
int negotiate_wait(const char *prefer);

#endif
