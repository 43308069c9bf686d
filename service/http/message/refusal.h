/* Why a request is refused by its bytes alone (RFC 9112): the reader of the connection decides it
 * (http/server/request_reader.h), and http/handle/process.h responds with the problem. */
#ifndef ETS144_HTTP_MESSAGE_REFUSAL_H
#define ETS144_HTTP_MESSAGE_REFUSAL_H

enum refusal {
    REFUSAL_NONE,
    REFUSAL_REQUEST_LINE, /* RFC 9112 §3 */
    REFUSAL_VERSION,      /* RFC 9112 §2.3 */
    REFUSAL_TARGET,       /* RFC 9112 §3.2: not one of the four forms, or not with this method */
    REFUSAL_CONNECT,      /* RFC 9110 §9.3.6 */
    REFUSAL_TARGET_TOO_LONG,   /* MAX_URL */
    REFUSAL_HEADER_LINE,       /* RFC 9112 §5 */
    REFUSAL_HEADERS_TOO_LARGE, /* MAX_HEADERS, MAX_HEADER_BYTES */
    REFUSAL_HOST,              /* RFC 9112 §3.2: missing, repeated or malformed */
    REFUSAL_LENGTH,            /* RFC 9110 §8.6: Content-Length is not a number */
    REFUSAL_LENGTH_TOO_LARGE,  /* of the body or of a chunk */
    REFUSAL_FRAMING,           /* RFC 9112 §6.3: the body's length is ambiguous */
    REFUSAL_CHUNK,             /* RFC 9112 §7.1 */
    REFUSALS
};

#endif
