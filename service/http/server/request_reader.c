#include "http/server/request_reader.h"

#include "base/memory.h"
#include "http/message/limits.h"
#include "http/server/request_head.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* The longest head that is kept: what the limits allow, and some bytes for each line. */
    MAX_HEAD = MAX_URL + MAX_HEADER_BYTES + 16 * MAX_HEADERS,
    MAX_CHUNK_LINE = 1024,
    MAX_BLANK_LINES = 8,
    /* Of requests that came together, while libmicrohttpd has not started on them. */
    MAX_WAITING_ADDRESSES = 64 * 1024,
    /* Of a head that is too long, or after a refusal, if the bytes are there before the connection
     * is closed: bytes that are not read would reset it, and the client might not get the response.
     */
    MAX_DISCARDED = 1 << 20,
    FIRST_CAPACITY = 1024
};

enum expecting {
    EXPECTING_HEAD,
    EXPECTING_END_OF_LONG_HEAD, /* left: the bytes discarded */
    EXPECTING_BODY,
    EXPECTING_CHUNK_LINE,
    EXPECTING_CHUNK,
    EXPECTING_END_OF_CHUNK,
    EXPECTING_TRAILER, /* left: the bytes discarded */
    EXPECTING_NOTHING, /* left: the bytes discarded */
};

/* A step took bytes from the input and wrote, at most as many, to the output. Nothing taken: it
 * needs more of them. */
struct step {
    size_t taken;
    size_t written;
};

typedef struct step step_function(struct request_reader *reader, char *in, size_t length,
                                  char *out);

static void expect(struct request_reader *reader, enum expecting what, unsigned long long left)
{
    reader->expecting = (int)what;
    reader->left = left;
}

/* Ends the request with the tail; its bytes up to here are given as they are. */
static struct step refuse(struct request_reader *reader, enum refusal refusal, const char *tail)
{
    reader->refusal = refusal;
    reader->tail = tail;
    expect(reader, EXPECTING_NOTHING, 0);
    return (struct step){.taken = 0};
}

/* In place of a head that cannot be read. */
static struct step refuse_head(struct request_reader *reader, enum refusal refusal)
{
    reader->given++;
    address_queue_put(&reader->addresses, "/", 1);
    return refuse(reader, refusal, "GET / HTTP/1.1\n\n");
}

static void expect_body(struct request_reader *reader, const struct request_head *head)
{
    if (head->refusal != REFUSAL_NONE) {
        (void)refuse(reader, head->refusal, NULL);
    } else if (head->chunked) {
        expect(reader, EXPECTING_CHUNK_LINE, 0);
    } else if (head->body_length > 0) {
        expect(reader, EXPECTING_BODY, head->body_length);
    }
}

/* The length of the head, 0: it is incomplete. No byte is searched twice, however slowly they come.
 */
static size_t find_end(struct request_reader *reader, const char *in, size_t length)
{
    enum { END = 3 }; /* LF CRLF */
    size_t searched = reader->searched;
    size_t found = request_head_length(in + searched, length - searched);
    reader->searched = found > 0 || length < END ? 0 : length - END + 1;
    return found > 0 ? searched + found : 0;
}

static struct step read_head(struct request_reader *reader, char *in, size_t length, char *out)
{
    /* Empty lines before a request (RFC 9112 §2.2). */
    size_t blank = in[0] == '\n' ? 1 : length > 1 && in[0] == '\r' && in[1] == '\n' ? 2 : 0;
    if (blank > 0 && reader->blank_lines == MAX_BLANK_LINES) {
        return refuse_head(reader, REFUSAL_REQUEST_LINE);
    }
    if (blank > 0) {
        reader->blank_lines++;
        return (struct step){.taken = blank};
    }
    size_t head_length = find_end(reader, in, length);
    if (head_length > MAX_HEAD || (head_length == 0 && length > MAX_HEAD)) {
        reader->next_refusal = memchr(in, '\n', MAX_HEAD) != NULL ? REFUSAL_HEADERS_TOO_LARGE
                                                                  : REFUSAL_TARGET_TOO_LONG;
        reader->searched = 0;
        expect(reader, EXPECTING_END_OF_LONG_HEAD, 0);
        return (struct step){.taken = 0};
    }
    if (head_length == 0) {
        return (struct step){.taken = 0};
    }
    if (address_queue_bytes(&reader->addresses) > MAX_WAITING_ADDRESSES) {
        return refuse_head(reader, REFUSAL_HEADERS_TOO_LARGE);
    }
    struct request_head head;
    size_t written = request_head_rewrite(in, head_length, out, &head, &reader->addresses);
    if (written == 0) {
        return refuse_head(reader, head.refusal);
    }
    reader->given++;
    reader->blank_lines = 0;
    expect_body(reader, &head);
    return (struct step){head_length, written};
}

/* Discards the head to its end, so that the client has sent it when the response comes. */
static struct step skip_long_head(struct request_reader *reader, char *in, size_t length, char *out)
{
    enum { END = 4 }; /* at most: CRLF CRLF */
    (void)out;
    size_t end = request_head_length(in, length);
    size_t taken = end > 0 ? end : length > END ? length - END : 0;
    reader->left += taken;
    if (end > 0 || reader->left > MAX_DISCARDED) {
        (void)refuse_head(reader, reader->next_refusal);
    }
    return (struct step){.taken = taken};
}

static struct step copy(struct request_reader *reader, char *in, size_t length, char *out)
{
    size_t piece = reader->left < length ? (size_t)reader->left : length;
    if (in != out) {
        memmove(out, in, piece);
    }
    reader->left -= piece;
    return (struct step){piece, piece};
}

static struct step read_body(struct request_reader *reader, char *in, size_t length, char *out)
{
    struct step step = copy(reader, in, length, out);
    if (reader->left == 0) {
        expect(reader, EXPECTING_HEAD, 0);
    }
    return step;
}

static int hexadecimal(char digit)
{
    char lower = (char)(digit | 0x20);
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                          : -1;
}

/* A line of a chunked body (RFC 9112 §7.1) with its CRLF: its length. 0: it is incomplete;
 * SIZE_MAX: it is too long, or has a CR, LF or NUL where none may be. */
static size_t line_length(const char *in, size_t length)
{
    const char *newline = memchr(in, '\n', length);
    size_t line = newline != NULL ? (size_t)(newline - in) + 1 : length;
    if (line > MAX_CHUNK_LINE) {
        return SIZE_MAX;
    }
    if (newline == NULL) {
        return 0;
    }
    return line >= 2 && memchr(in, '\r', line) == newline - 1 && memchr(in, '\0', line) == NULL
               ? line
               : SIZE_MAX;
}

static struct step read_chunk_line(struct request_reader *reader, char *in, size_t length,
                                   char *out)
{
    static const char end[] = "0\n\n";
    enum { MAX_DIGITS = 15 };
    size_t line = line_length(in, length);
    if (line == 0) {
        return (struct step){.taken = 0};
    }
    unsigned long long size = 0;
    size_t digits = 0;
    for (; line != SIZE_MAX && hexadecimal(in[digits]) >= 0 && digits <= MAX_DIGITS; digits++) {
        size = size << 4 | (unsigned)hexadecimal(in[digits]);
    }
    if (digits > MAX_DIGITS) {
        return refuse(reader, REFUSAL_LENGTH_TOO_LARGE, end);
    }
    size_t after = line != SIZE_MAX ? digits + strspn(in + digits, " \t") : 0;
    if (digits == 0 || (in[after] != ';' && after != line - 2) ||
        (after > digits && in[after] != ';')) {
        return refuse(reader, REFUSAL_CHUNK, end);
    }
    memmove(out, in, digits);
    out[digits] = '\n';
    expect(reader, size > 0 ? EXPECTING_CHUNK : EXPECTING_TRAILER, size);
    return (struct step){line, digits + 1};
}

static struct step read_chunk(struct request_reader *reader, char *in, size_t length, char *out)
{
    struct step step = copy(reader, in, length, out);
    if (reader->left == 0) {
        expect(reader, EXPECTING_END_OF_CHUNK, 0);
    }
    return step;
}

static struct step read_end_of_chunk(struct request_reader *reader, char *in, size_t length,
                                     char *out)
{
    if (in[0] != '\r' || (length > 1 && in[1] != '\n')) {
        return refuse(reader, REFUSAL_CHUNK, "\n0\n\n");
    }
    if (length < 2) {
        return (struct step){.taken = 0};
    }
    *out = '\n';
    expect(reader, EXPECTING_CHUNK_LINE, 0);
    return (struct step){2, 1};
}

/* Trailers are discarded (RFC 9110 §6.5.1). */
static struct step read_trailer(struct request_reader *reader, char *in, size_t length, char *out)
{
    static const char end[] = "\n";
    size_t line = line_length(in, length);
    if (line == SIZE_MAX) {
        return refuse(reader, REFUSAL_CHUNK, end);
    }
    reader->left += line;
    if (reader->left > MAX_HEADER_BYTES) {
        return refuse(reader, REFUSAL_HEADERS_TOO_LARGE, end);
    }
    if (line != 2) {
        return (struct step){.taken = line};
    }
    *out = '\n';
    expect(reader, EXPECTING_HEAD, 0);
    return (struct step){2, 1};
}

static struct step discard(struct request_reader *reader, char *in, size_t length, char *out)
{
    (void)in;
    (void)out;
    reader->left += length;
    return (struct step){.taken = length};
}

/* Reads as many parts of requests as there are. Returns the length of the result, which is at the
 * beginning of the bytes; *rest is where the bytes begin that need more after them. */
static size_t rewrite(struct request_reader *reader, char *bytes, size_t length, size_t *rest)
{
    static step_function *const steps[] = {
        [EXPECTING_HEAD] = read_head,       [EXPECTING_END_OF_LONG_HEAD] = skip_long_head,
        [EXPECTING_BODY] = read_body,       [EXPECTING_CHUNK_LINE] = read_chunk_line,
        [EXPECTING_CHUNK] = read_chunk,     [EXPECTING_END_OF_CHUNK] = read_end_of_chunk,
        [EXPECTING_TRAILER] = read_trailer, [EXPECTING_NOTHING] = discard,
    };
    size_t in = 0;
    size_t out = 0;
    for (bool more = true; more && in < length;) {
        int expected = reader->expecting;
        struct step step = steps[expected](reader, bytes + in, length - in, bytes + out);
        in += step.taken;
        out += step.written;
        more = step.taken > 0 || reader->expecting != expected;
    }
    *rest = in;
    return out;
}

static void make_room(struct request_reader *reader, size_t room)
{
    size_t capacity = reader->capacity > 0 ? reader->capacity : FIRST_CAPACITY;
    while (capacity < reader->length + room) {
        capacity *= 2;
    }
    if (capacity > reader->capacity) {
        reader->buffer = memory_reallocate(reader->buffer, capacity);
        reader->capacity = capacity;
    }
}

static void hold(struct request_reader *reader, const char *bytes, size_t length)
{
    if (length > 0) {
        make_room(reader, length);
        memcpy(reader->buffer + reader->length, bytes, length);
        reader->length += length;
    }
}

static void release(struct request_reader *reader)
{
    free(reader->buffer);
    reader->buffer = NULL;
    reader->length = 0;
    reader->capacity = 0;
}

void request_reader_end(struct request_reader *reader)
{
    release(reader);
    address_queue_free(&reader->addresses);
}

char *request_reader_start(struct request_reader *reader, size_t before)
{
    if (reader->started == reader->given) {
        return NULL;
    }
    reader->started++;
    return address_queue_take(&reader->addresses, before);
}

/* Gives of what is ready as much as fits; returns its length. */
static size_t give_ready(struct request_reader *reader, char *bytes, size_t size)
{
    size_t given = reader->ready < size ? reader->ready : size;
    if (given > 0) {
        memcpy(bytes, reader->buffer, given);
        memmove(reader->buffer, reader->buffer + given, reader->length - given);
        reader->ready -= given;
        reader->length -= given;
    }
    if (reader->length == 0 && reader->buffer != NULL) {
        release(reader);
    }
    for (; reader->ready == 0 && reader->tail != NULL && given < size; given++) {
        bytes[given] = *reader->tail;
        reader->tail = reader->tail[1] != '\0' ? reader->tail + 1 : NULL;
    }
    return given;
}

/* Bytes from the source, rewritten where they came. Returns the source's result. */
static ssize_t read_directly(struct request_reader *reader, char *bytes, size_t size,
                             request_source *source, void *closure, size_t *written)
{
    ssize_t got = source(closure, bytes, size);
    *written = 0;
    if (got > 0) {
        size_t rest = 0;
        *written = rewrite(reader, bytes, (size_t)got, &rest);
        hold(reader, bytes + rest, (size_t)got - rest);
    }
    return got;
}

/* Bytes from the source after those held. Returns the source's result. */
static ssize_t read_on(struct request_reader *reader, request_source *source, void *closure,
                       size_t *room)
{
    enum { READ_AT_ONCE = 1024 };
    make_room(reader, READ_AT_ONCE);
    *room = reader->capacity - reader->length;
    ssize_t got = source(closure, reader->buffer + reader->length, *room);
    if (got > 0) {
        size_t rest = 0;
        reader->length += (size_t)got;
        reader->ready = rewrite(reader, reader->buffer, reader->length, &rest);
        memmove(reader->buffer + reader->ready, reader->buffer + rest, reader->length - rest);
        reader->length -= rest - reader->ready;
    }
    return got;
}

ssize_t request_reader_read(struct request_reader *reader, char *bytes, size_t size,
                            request_source *source, void *closure)
{
    size_t given = give_ready(reader, bytes, size);
    while (given < size) {
        bool discards = reader->expecting == EXPECTING_NOTHING;
        size_t written = 0;
        size_t room = size - given;
        ssize_t got = reader->length > 0
                          ? read_on(reader, source, closure, &room)
                          : read_directly(reader, bytes + given, room, source, closure, &written);
        given += written;
        given += give_ready(reader, bytes + given, size - given);
        bool over = got <= 0 || (discards && reader->left > MAX_DISCARDED);
        if (over || (given > 0 && (size_t)got < room)) {
            return given > 0 ? (ssize_t)given : got < 0 ? got : 0;
        }
    }
    return (ssize_t)given;
}

bool request_reader_waits(const struct request_reader *reader)
{
    return reader->length > reader->ready &&
           (reader->expecting == EXPECTING_HEAD || reader->expecting == EXPECTING_END_OF_LONG_HEAD);
}

enum refusal request_reader_refusal(const struct request_reader *reader)
{
    return reader->started == reader->given ? reader->refusal : REFUSAL_NONE;
}
