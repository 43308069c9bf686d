/* Limits of a request's head: bytes of path and query; headers; bytes of their names and values. */
#ifndef ETS144_HTTP_MESSAGE_LIMITS_H
#define ETS144_HTTP_MESSAGE_LIMITS_H

enum { MAX_URL = 4096, MAX_HEADERS = 64, MAX_HEADER_BYTES = 5120 };

#endif
