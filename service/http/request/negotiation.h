/* Content negotiation (RFC 9110 §12): media types, languages and codings, by weight; Prefer: wait.
 */
#ifndef ETS144_HTTP_REQUEST_NEGOTIATION_H
#define ETS144_HTTP_REQUEST_NEGOTIATION_H

#include "http/message/encoding.h"
#include "http/message/message.h"

/* The index of the best offered media type (the list ends with NULL); -1: no offered type is
 * acceptable. accept NULL: any type is. */
int negotiate_media(const char *accept, const char *const *offered);

/* English unless French is preferred; a language that is not offered is no error (RFC 9110 §12.4).
 */
enum language negotiate_language(const char *accept_language);

/* The best accepted coding (RFC 9110 §12.5.3); at equal weight the one that compresses better.
 * Identity without the header. */
enum encoding negotiate_encoding(const char *accept_encoding);

/* The seconds of Prefer: wait (RFC 7240 §4.3), at most MAX_WAIT_SECONDS; 0: not given or malformed.
 */
enum { MAX_WAIT_SECONDS = 60 };
int negotiate_wait(const char *prefer);

#endif
