#include "http/server/request_head.h"

#include "http/message/limits.h"
#include "http/server/request_target.h"

#include <string.h>
#include <strings.h>

/* A head that is being rewritten. `out` never passes `at`: no line gets longer, as each ends with
 * LF alone in the result, which libmicrohttpd accepts. */
struct rewriting {
    char *at;
    const char *end;
    char *out;
    struct request_head *head;
    struct address_queue *addresses;
    struct span last; /* name of the last header in the result */
    size_t used;      /* headers in the result */
    size_t count;     /* header lines, and the bytes of their names and values */
    size_t bytes;
    int hosts;
    int lengths;
    int codings;
    bool is_1_0; /* of HTTP/1.0: needs no Host, has no chunked coding (RFC 9112 §6.1) */
    bool expects_continue;
};

enum header_use {
    HEADER_UNUSED,
    HEADER_USED,
    HEADER_HOST,
    HEADER_LENGTH,
    HEADER_CODING,
    HEADER_EXPECT
};

struct header_row {
    const char *name;
    unsigned char length;
    unsigned char use;
};

/* The headers that are read: by exchange_header(), or by libmicrohttpd. */
static enum header_use use_of(const char *name, size_t length)
{
#define HEADER(name, use)                                                                          \
    {                                                                                              \
        name, sizeof(name) - 1, use                                                                \
    }
    static const struct header_row rows[] = {
        HEADER("Host", HEADER_HOST),
        HEADER("Accept", HEADER_USED),
        HEADER("Accept-Encoding", HEADER_USED),
        HEADER("Accept-Language", HEADER_USED),
        HEADER("Connection", HEADER_USED),
        HEADER("If-None-Match", HEADER_USED),
        HEADER("If-Modified-Since", HEADER_USED),
        HEADER("If-Match", HEADER_USED),
        HEADER("If-Unmodified-Since", HEADER_USED),
        HEADER("Accept-Datetime", HEADER_USED),
        HEADER("Authorization", HEADER_USED),
        HEADER("Content-Encoding", HEADER_USED),
        HEADER("Content-Length", HEADER_LENGTH),
        HEADER("Content-Type", HEADER_USED),
        HEADER("Expect", HEADER_EXPECT),
        HEADER("Forwarded", HEADER_USED),
        HEADER("Idempotency-Key", HEADER_USED),
        HEADER("Prefer", HEADER_USED),
        HEADER("traceparent", HEADER_USED),
        HEADER("Transfer-Encoding", HEADER_CODING),
        HEADER("X-Forwarded-For", HEADER_USED),
        HEADER("X-Forwarded-Proto", HEADER_USED),
        HEADER("X-Request-Id", HEADER_USED),
    };
#undef HEADER
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].length == length && strncasecmp(rows[i].name, name, length) == 0) {
            return (enum header_use)rows[i].use;
        }
    }
    return HEADER_UNUSED;
}

/* The first fault counts. */
static void refuse(struct rewriting *rewriting, enum refusal refusal)
{
    if (rewriting->head->refusal == REFUSAL_NONE) {
        rewriting->head->refusal = refusal;
    }
}

static void write_bytes(struct rewriting *rewriting, const char *bytes, size_t length)
{
    memmove(rewriting->out, bytes, length);
    rewriting->out += length;
}

static void write_line(struct rewriting *rewriting, struct span line)
{
    write_bytes(rewriting, line.text, line.length);
    *rewriting->out++ = '\n';
}

size_t request_head_length(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *newline = memchr(bytes, '\n', length);
    while (newline != NULL) {
        const char *next = newline + 1;
        const char *last = next < end && *next == '\r' ? next + 1 : next;
        if (last < end && *last == '\n') {
            return (size_t)(last + 1 - bytes);
        }
        newline = memchr(next, '\n', (size_t)(end - next));
    }
    return 0;
}

/* The next line, without its end: CRLF, or LF alone (RFC 9112 §2.2). */
static struct span next_line(struct rewriting *rewriting)
{
    struct span line = {.text = rewriting->at};
    char *newline = memchr(line.text, '\n', (size_t)(rewriting->end - line.text));
    rewriting->at = newline + 1;
    line.length = (size_t)(newline - line.text);
    if (line.length > 0 && newline[-1] == '\r') {
        line.length--;
    }
    return line;
}

/* HTTP-version (RFC 9112 §2.3): any minor version of the first major one is taken. */
static enum refusal check_version(const char *version)
{
    if (memcmp(version, "HTTP/", 5) != 0 || !span_is_digit(version[5]) || version[6] != '.' ||
        !span_is_digit(version[7])) {
        return REFUSAL_REQUEST_LINE;
    }
    return version[5] == '1' ? REFUSAL_NONE : REFUSAL_VERSION;
}

/* False: the line has no method, target and version (RFC 9112 §3). */
static bool rewrite_request_line(struct rewriting *rewriting)
{
    enum { VERSION = 8 };
    struct span line = next_line(rewriting);
    char *space = memchr(line.text, ' ', line.length);
    struct span method = {line.text, space != NULL ? (size_t)(space - line.text) : 0};
    if (space == NULL || line.length < method.length + VERSION + 3) {
        refuse(rewriting, REFUSAL_REQUEST_LINE);
        return false;
    }
    char *version = line.text + line.length - VERSION;
    if (version[-1] != ' ' || !span_is_token(method) ||
        check_version(version) == REFUSAL_REQUEST_LINE) {
        refuse(rewriting, REFUSAL_REQUEST_LINE);
        return false;
    }
    refuse(rewriting, check_version(version));
    struct span target = {space + 1, (size_t)(version - 1 - (space + 1))};
    refuse(rewriting, target.length > MAX_URL + 1 ? REFUSAL_TARGET_TOO_LONG : REFUSAL_NONE);
    refuse(rewriting, request_target_check(method, &target));
    rewriting->is_1_0 = version[7] == '0';
    if (rewriting->head->refusal != REFUSAL_NONE) {
        request_target_cut(&target);
        version[5] = '1';
    }
    address_queue_put(rewriting->addresses, target.text, target.length);
    write_bytes(rewriting, method.text, method.length + 1);
    *rewriting->out++ = '/';
    write_line(rewriting, (struct span){version - 1, VERSION + 1});
    return true;
}

/* Content-Length (RFC 9110 §8.6): a number, of at most as many digits as any number of bytes has
 * here. */
static void read_length(struct rewriting *rewriting, struct span value)
{
    enum { MAX_DIGITS = 10 };
    unsigned long long length = 0;
    size_t digits = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (!span_is_digit(value.text[i])) {
            refuse(rewriting, REFUSAL_LENGTH);
            return;
        }
        digits += digits > 0 || value.text[i] != '0';
        length = digits <= MAX_DIGITS ? length * 10 + (unsigned)(value.text[i] - '0') : length;
    }
    refuse(rewriting, value.length == 0     ? REFUSAL_LENGTH
                      : digits > MAX_DIGITS ? REFUSAL_LENGTH_TOO_LARGE
                                            : REFUSAL_NONE);
    rewriting->lengths++;
    rewriting->head->body_length = length;
}

/* A header that is repeated in the next line is joined to it by a comma (RFC 9110 §5.3), as each
 * takes memory of libmicrohttpd's. */
static void write_header(struct rewriting *rewriting, struct span name, struct span value)
{
    struct span last = rewriting->last;
    if (last.text != NULL && last.length == name.length &&
        strncasecmp(last.text, name.text, name.length) == 0) {
        rewriting->out[-1] = ',';
        *rewriting->out++ = ' ';
        write_line(rewriting, value);
        return;
    }
    rewriting->last = (struct span){rewriting->out, name.length};
    rewriting->used++;
    write_line(rewriting,
               (struct span){name.text, (size_t)(value.text + value.length - name.text)});
}

static void read_header(struct rewriting *rewriting, struct span line, size_t name_length,
                        struct span value)
{
    switch (use_of(line.text, name_length)) {
    case HEADER_USED:
        write_header(rewriting, (struct span){line.text, name_length}, value);
        break;
    case HEADER_HOST:
        rewriting->hosts++;
        refuse(rewriting, span_is_host(value) ? REFUSAL_NONE : REFUSAL_HOST);
        break;
    case HEADER_LENGTH:
        read_length(rewriting, value);
        break;
    case HEADER_CODING:
        rewriting->codings++;
        rewriting->head->chunked = value.length == strlen("chunked") &&
                                   strncasecmp(value.text, "chunked", value.length) == 0;
        refuse(rewriting, rewriting->head->chunked ? REFUSAL_NONE : REFUSAL_FRAMING);
        break;
    case HEADER_EXPECT:
        rewriting->expects_continue = value.length == strlen("100-continue") &&
                                      strncasecmp(value.text, "100-continue", value.length) == 0;
        break;
    case HEADER_UNUSED:
    default:
        break;
    }
}

/* A line is refused that has no name and colon, a space in the name, or a NUL or CR, or that
 * continues another (RFC 9112 §5.1, §5.2; RFC 9110 §5.5). */
static void rewrite_header(struct rewriting *rewriting, struct span line)
{
    const char *colon = memchr(line.text, ':', line.length);
    size_t name_length = colon != NULL ? (size_t)(colon - line.text) : 0;
    rewriting->count++;
    if (!span_is_token((struct span){line.text, name_length}) ||
        memchr(line.text, '\0', line.length) != NULL ||
        memchr(line.text, '\r', line.length) != NULL) {
        rewriting->bytes += line.length;
        refuse(rewriting, REFUSAL_HEADER_LINE);
        return;
    }
    struct span value =
        span_trim((struct span){line.text + name_length + 1, line.length - name_length - 1});
    rewriting->bytes += name_length + value.length;
    read_header(rewriting, line, name_length, value);
}

/* libmicrohttpd has no memory for headers that are too large: none of them is given to it. */
static void check_headers(struct rewriting *rewriting, char *first_header, size_t written)
{
    enum { RECORD = 64 }; /* bytes of libmicrohttpd's structure for a header */
    struct request_head *head = rewriting->head;
    bool too_large = rewriting->count > MAX_HEADERS || rewriting->bytes > MAX_HEADER_BYTES ||
                     written + rewriting->used * RECORD > MAX_HEAD_MEMORY;
    if (too_large) {
        refuse(rewriting, REFUSAL_HEADERS_TOO_LARGE);
        rewriting->out = first_header;
    }
    if (rewriting->hosts > 1 || (rewriting->hosts == 0 && !rewriting->is_1_0)) {
        refuse(rewriting, REFUSAL_HOST);
    }
    if (rewriting->lengths + rewriting->codings > 1 || (head->chunked && rewriting->is_1_0)) {
        refuse(rewriting, REFUSAL_FRAMING);
    }
    if (head->refusal != REFUSAL_NONE) {
        head->chunked = false;
        head->body_length = 0;
    }
}

static void write_number(struct rewriting *rewriting, unsigned long long number)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    write_line(rewriting, (struct span){digits + start, sizeof digits - start});
}

/* After all other headers: each line was sent, and is not longer now. */
static void write_framing(struct rewriting *rewriting)
{
    static const char length[] = "Content-Length:";
    static char coding[] = "Transfer-Encoding:chunked";
    static char expect[] = "Expect:100-continue";
    const struct request_head *head = rewriting->head;
    bool has_body = head->chunked || head->body_length > 0;
    if (head->refusal != REFUSAL_NONE) {
        return;
    }
    if (head->chunked) {
        write_line(rewriting, (struct span){coding, sizeof coding - 1});
    } else if (rewriting->lengths > 0) {
        write_bytes(rewriting, length, sizeof length - 1);
        write_number(rewriting, head->body_length);
    }
    if (rewriting->expects_continue && has_body) {
        write_line(rewriting, (struct span){expect, sizeof expect - 1});
    }
}

size_t request_head_rewrite(char *bytes, size_t length, char *out, struct request_head *head,
                            struct address_queue *addresses)
{
    *head = (struct request_head){.refusal = REFUSAL_NONE};
    struct rewriting rewriting = {
        .at = bytes, .end = bytes + length, .out = out, .head = head, .addresses = addresses};
    if (!rewrite_request_line(&rewriting)) {
        return 0;
    }
    char *first_header = rewriting.out;
    for (struct span line = next_line(&rewriting); line.length > 0; line = next_line(&rewriting)) {
        rewrite_header(&rewriting, line);
    }
    check_headers(&rewriting, first_header, (size_t)(rewriting.out - out));
    write_framing(&rewriting);
    *rewriting.out++ = '\n';
    return (size_t)(rewriting.out - out);
}
