/* The reader of a connection: checks the bytes of its requests (RFC 9112), and gives libmicrohttpd
 * only requests that it takes as they are meant.
 *
 * libmicrohttpd 0.9.75 responds to what it refuses with two heads (MHD_connection_handle_idle goes
 * on after parse_connection_headers has queued a response) or with an HTML page, parses cookies
 * into the connection's memory, and takes bare LF in chunk lines, NUL, a missing Host and spaces
 * anywhere. So a head is given as a whole, rewritten (request_head.h); a chunked body is checked
 * line by line; of trailers nothing is given. After the first fault the request is ended in a way
 * that libmicrohttpd accepts, the access handler responds to its refusal, and all later bytes of
 * the connection are discarded. */
#ifndef ETS144_HTTP_SERVER_REQUEST_READER_H
#define ETS144_HTTP_SERVER_REQUEST_READER_H

#include "http/message/refusal.h"
#include "http/server/address_queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct request_reader {
    int expecting;           /* the part of a request that comes next (request_reader.c) */
    unsigned long long left; /* bytes of the body or of its chunk; bytes that were discarded */
    /* Bytes that are not given yet: the first `ready` are rewritten, the others are the beginning
     * of a head or of a line. Owned; NULL: none. */
    char *buffer;
    size_t ready;
    size_t searched; /* bytes of that head that its end does not begin in */
    size_t length;
    size_t capacity;
    const char *tail; /* the end of a refused request, to be given after them; NULL: none */
    struct address_queue addresses;
    int blank_lines;           /* before the next head */
    unsigned long given;       /* heads */
    unsigned long started;     /* requests that libmicrohttpd has started on */
    enum refusal refusal;      /* of the last head given */
    enum refusal next_refusal; /* of the head that is being discarded */
};

/* Reads at most `size` bytes; 0 at the end, negative if there are none or it failed. */
typedef ssize_t request_source(void *closure, char *bytes, size_t size);

/* Reads bytes for libmicrohttpd. Returns what the source does, and at least one byte before that if
 * there is any to give. Fewer than `size` bytes: the reader has no more to give. */
ssize_t request_reader_read(struct request_reader *reader, char *bytes, size_t size,
                            request_source *source, void *closure);
void request_reader_end(struct request_reader *reader);

/* libmicrohttpd starts on the next head that it was given: its address, after `before` bytes for
 * the caller, in memory that the caller frees. NULL: libmicrohttpd was not given a head. */
char *request_reader_start(struct request_reader *reader, size_t before);
/* Whether a head has begun that is not complete. */
bool request_reader_waits(const struct request_reader *reader);
/* The refusal of the request that libmicrohttpd started on last. */
enum refusal request_reader_refusal(const struct request_reader *reader);

#endif
