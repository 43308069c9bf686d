/* Spans: parts of a head, and the syntax of those that any head has. */
#ifndef ETS144_HTTP_SERVER_REQUEST_SPAN_H
#define ETS144_HTTP_SERVER_REQUEST_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
    char *text; /* borrowed, ends without NUL */
    size_t length;
};

bool span_is_digit(char character);
/* RFC 9110 §5.6.2 */
bool span_is_token(struct span span);
/* uri-host [ ":" port ] (RFC 9110 §7.2), as far as its characters tell. */
bool span_is_host(struct span span);
/* Without spaces and tabs at both ends (OWS, RFC 9110 §5.6.3). */
struct span span_trim(struct span value);

#endif
