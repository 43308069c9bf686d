/* The head of a request: its request line and header lines (RFC 9112 §2.1), checked and rewritten
 * in place before libmicrohttpd reads them.
 *
 * The address goes to a queue, in origin form or "*" (RFC 9112 §3.2), and the result has "/" for
 * it. It has only those headers that this program or libmicrohttpd reads: others cost no memory of
 * the connection. White space after their values is removed, and the body's length is in one
 * header, if any. */
#ifndef ETS144_HTTP_SERVER_REQUEST_HEAD_H
#define ETS144_HTTP_SERVER_REQUEST_HEAD_H

#include "http/message/refusal.h"
#include "http/server/address_queue.h"

#include <stdbool.h>
#include <stddef.h>

/* The bytes of its connection's buffer that libmicrohttpd needs for the largest head that it is
 * given: headers of MAX_HEADER_BYTES, with its record of each. */
enum { MAX_HEAD_MEMORY = 6656 };

struct request_head {
    enum refusal refusal; /* REFUSAL_NONE: accepted */
    bool chunked;
    unsigned long long body_length; /* if not chunked */
};

/* The length of the head that the bytes begin with, with the empty line; 0: it is incomplete. */
size_t request_head_length(const char *bytes, size_t length);

/* Reads a complete head and writes it to `out`, which may be the same memory or begin before it.
 * Returns the bytes written, at most `length`. A refused head has no body; 0: its request line
 * cannot be read, and nothing was written. */
size_t request_head_rewrite(char *bytes, size_t length, char *out, struct request_head *head,
                            struct address_queue *addresses);

#endif
