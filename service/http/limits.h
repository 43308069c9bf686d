/* How much of a request is read at all. */
#ifndef ETS144_HTTP_LIMITS_H
#define ETS144_HTTP_LIMITS_H

enum { URL_LONGEST = 4096, HEADERS_MOST = 64, HEADERS_LONGEST = 5120 };

#endif
