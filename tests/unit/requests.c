/* The reader of requests: what libmicrohttpd is given, whatever pieces the bytes come in. */
#include "http/server/request_reader.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A connection that has these bytes, in pieces of one size; then there are none. */
struct pieces {
    const char *at;
    size_t left;
    size_t size;
};

static ssize_t next_piece(void *closure, char *bytes, size_t size)
{
    struct pieces *pieces = closure;
    size_t piece = pieces->size < size ? pieces->size : size;
    piece = piece < pieces->left ? piece : pieces->left;
    if (piece == 0) {
        return -1;
    }
    memcpy(bytes, pieces->at, piece);
    pieces->at += piece;
    pieces->left -= piece;
    return (ssize_t)piece;
}

/* What is given for the bytes, with the addresses of the requests before it, each in angle
 * brackets; in `given`, which has room for it. Returns the refusal of the last request. */
static enum refusal read_all(const char *bytes, size_t length, size_t piece, size_t buffer,
                             char *given)
{
    struct request_reader reader = {.buffer = NULL};
    struct pieces pieces = {bytes, length, piece};
    char *got = malloc(length + 64);
    size_t end = 0;
    while (end < length + 32) {
        size_t size = buffer < length + 32 - end ? buffer : length + 32 - end;
        ssize_t count = request_reader_read(&reader, got + end, size, next_piece, &pieces);
        if (count > 0) {
            end += (size_t)count;
        } else if (pieces.left == 0) {
            break;
        }
    }
    got[end] = '\0';
    for (char *address; (address = request_reader_start(&reader, 0)) != NULL; free(address)) {
        given += sprintf(given, "<%s>", address);
    }
    memcpy(given, got, end + 1);
    free(got);
    enum refusal refusal = request_reader_refusal(&reader);
    request_reader_end(&reader);
    return refusal;
}

#define GET(target, headers) "GET " target " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"
#define POST(headers) "POST /p HTTP/1.1\r\nHost: a\r\n" headers "\r\n"

static const struct {
    const char *bytes;
    const char *given;
    enum refusal refusal;
} cases[] = {
    {GET("/a?b=c", ""), "</a?b=c>GET / HTTP/1.1\n\n", REFUSAL_NONE},
    {"\r\n\n" GET("/", "User-Agent: x\r\nCookie: a=b\r\n") GET("/2", ""),
     "</></2>GET / HTTP/1.1\n\nGET / HTTP/1.1\n\n", REFUSAL_NONE},
    {GET("HTTP://a:1/b", "accept: \t c\t d \t\r\n"), "</b>GET / HTTP/1.1\naccept: \t c\t d\n\n",
     REFUSAL_NONE},
    {GET("/", "Accept: a\r\naccept:b\r\nX: y\r\nAccept: c \r\nPrefer: d\r\nAccept: e\r\n"),
     "</>GET / HTTP/1.1\nAccept: a, b, c\nPrefer: d\nAccept: e\n\n", REFUSAL_NONE},
    {POST("Expect: 100-Continue\r\nContent-Length: 03 \r\nPrefer: x\r\n") "abc" GET("/2", ""),
     "</p></2>POST / HTTP/1.1\nPrefer: x\nContent-Length:3\nExpect:100-continue\n\nabc"
     "GET / HTTP/1.1\n\n",
     REFUSAL_NONE},
    {POST("Transfer-Encoding: Chunked\r\n") "3;x=y\r\nabc\r\n2\r\n\r\n\r\n0\r\nA: b\r\n\r\n" GET(
         "/2", ""),
     "</p></2>POST / HTTP/1.1\nTransfer-Encoding:chunked\n\n3\nabc\n2\n\r\n\n0\n\nGET / "
     "HTTP/1.1\n\n",
     REFUSAL_NONE},
    {POST("Transfer-Encoding: chunked\r\n") "3\r\nabcd\r\n0\r\n\r\n" GET("/2", ""),
     "</p>POST / HTTP/1.1\nTransfer-Encoding:chunked\n\n3\nabc\n0\n\n", REFUSAL_CHUNK},
    {POST("Transfer-Encoding: chunked\r\n") "3\nabc\r\n0\r\n\r\n",
     "</p>POST / HTTP/1.1\nTransfer-Encoding:chunked\n\n0\n\n", REFUSAL_CHUNK},
    {POST("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") "abc", "</p>POST / HTTP/1.1\n\n",
     REFUSAL_FRAMING},
    {GET("/1", "") POST("Content-Length: 3,3\r\n") "abc" GET("/3", ""),
     "</1></p>GET / HTTP/1.1\n\nPOST / HTTP/1.1\n\n", REFUSAL_LENGTH},
    {"nonsense\r\n\r\n", "</>GET / HTTP/1.1\n\n", REFUSAL_REQUEST_LINE},
    {"GET /a b HTTP/1.1\r\n\r\n", "</a>GET / HTTP/1.1\n\n", REFUSAL_TARGET},
    {"GET /a HTTP/3.0\r\n\r\n", "</a>GET / HTTP/1.0\n\n", REFUSAL_VERSION},
    {"GET /a HTTP/1.1\r\n\r\n", "</a>GET / HTTP/1.1\n\n", REFUSAL_HOST},
    {GET("/a", "X: b\r\n c\r\n"), "</a>GET / HTTP/1.1\n\n", REFUSAL_HEADER_LINE},
    {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "</>CONNECT / HTTP/1.1\n\n", REFUSAL_CONNECT},
    {"OPTIONS http://a HTTP/1.0\n\n", "<*>OPTIONS / HTTP/1.0\n\n", REFUSAL_NONE},
};

START_TEST(what_is_given_does_not_depend_on_the_pieces)
{
    static const size_t sizes[] = {1, 2, 3, 5, 17, 64, 1000};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t each = 0; each < (size_t)SIZES * SIZES; each++) {
            char given[1024];
            enum refusal refusal = read_all(cases[i].bytes, strlen(cases[i].bytes),
                                            sizes[each / SIZES], sizes[each % SIZES], given);
            ck_assert_msg(strcmp(given, cases[i].given) == 0, "%s in pieces of %zu, %zu gave %s",
                          cases[i].bytes, sizes[each / SIZES], sizes[each % SIZES], given);
            ck_assert_int_eq(refusal, cases[i].refusal);
        }
    }
}
END_TEST

/* A head that is too long is skipped to its end, and what follows is discarded. */
START_TEST(a_head_without_end_takes_bounded_memory)
{
    enum { LENGTH = 3 << 20 };
    static const struct {
        const char *begin;
        enum refusal refusal;
    } heads[] = {{"GET /", REFUSAL_TARGET_TOO_LONG},
                 {"GET / HTTP/1.1\r\nX: ", REFUSAL_HEADERS_TOO_LARGE}};
    char *bytes = malloc(LENGTH);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        memset(bytes, 'a', LENGTH);
        memcpy(bytes, heads[i].begin, strlen(heads[i].begin));
        struct request_reader reader = {.buffer = NULL};
        struct pieces pieces = {bytes, LENGTH, LENGTH};
        char given[4096];
        ssize_t count = 0;
        while (pieces.left > 0 && count <= 0) {
            count = request_reader_read(&reader, given, sizeof given, next_piece, &pieces);
            ck_assert_uint_lt(reader.capacity, 1 << 15);
        }
        ck_assert_int_eq(count, (ssize_t)strlen("GET / HTTP/1.1\n\n"));
        char *address = request_reader_start(&reader, 0);
        ck_assert_str_eq(address, "/");
        free(address);
        ck_assert_int_eq(request_reader_refusal(&reader), heads[i].refusal);
        request_reader_end(&reader);
    }
    free(bytes);
}
END_TEST

/* Bytes of which nothing is given must not keep the reader from returning. */
START_TEST(blank_lines_before_a_head_are_few)
{
    enum { LENGTH = 1 << 16 };
    char *bytes = malloc(LENGTH);
    memset(bytes, '\n', LENGTH);
    struct request_reader reader = {.buffer = NULL};
    struct pieces pieces = {bytes, LENGTH, LENGTH};
    char given[4096];
    ck_assert_int_gt(request_reader_read(&reader, given, sizeof given, next_piece, &pieces), 0);
    free(request_reader_start(&reader, 0));
    ck_assert_int_eq(request_reader_refusal(&reader), REFUSAL_REQUEST_LINE);
    request_reader_end(&reader);
    free(bytes);
}
END_TEST

/* libmicrohttpd gets "/" for each address: many fit into one buffer of its. */
START_TEST(addresses_that_wait_take_bounded_memory)
{
    enum { HEADS = 400, SIZE = 4096, KEPT = 8192, MOST = 1 << 18 };
    char *bytes = malloc((size_t)HEADS * SIZE + 1);
    for (size_t i = 0; i < HEADS; i++) {
        (void)sprintf(bytes + i * SIZE, "A /%0*d HTTP/1.0\n\n", SIZE - 14, 0);
    }
    struct request_reader reader = {.buffer = NULL};
    struct pieces pieces = {bytes, (size_t)HEADS * SIZE, (size_t)HEADS * SIZE};
    char given[8192];
    ck_assert_int_gt(request_reader_read(&reader, given, sizeof given, next_piece, &pieces), 0);
    ck_assert_uint_lt(reader.addresses.capacity, MOST);
    for (char *address; (address = request_reader_start(&reader, 0)) != NULL;) {
        free(address);
    }
    ck_assert_int_eq(request_reader_refusal(&reader), REFUSAL_HEADERS_TOO_LARGE);
    ck_assert_uint_le(reader.addresses.capacity, KEPT);
    request_reader_end(&reader);
    free(bytes);
}
END_TEST

/* Each byte of each case replaced by each of some others: nothing is read or written beyond the
 * bytes (the sanitizer tells), and one result comes of it, whatever the pieces. */
START_TEST(no_change_of_a_byte_confuses_the_reader)
{
    static const char others[] = {'\0', '\r', '\n', ' ', '\t', ':',
                                  '0',  'f',  ',',  ';', '/',  '\x80'};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].bytes);
        for (size_t each = 0; each < length * sizeof others; each++) {
            char bytes[512];
            char whole[1024];
            char pieces[1024];
            memcpy(bytes, cases[i].bytes, length);
            bytes[each / sizeof others] = others[each % sizeof others];
            enum refusal refusal = read_all(bytes, length, 1000, 1000, whole);
            ck_assert_int_eq(read_all(bytes, length, 1, 7, pieces), refusal);
            ck_assert_str_eq(whole, pieces);
        }
    }
}
END_TEST

TCase *requests_case(void)
{
    TCase *requests = tcase_create("requests");
    tcase_set_timeout(requests, 60);
    tcase_add_test(requests, what_is_given_does_not_depend_on_the_pieces);
    tcase_add_test(requests, a_head_without_end_takes_bounded_memory);
    tcase_add_test(requests, blank_lines_before_a_head_are_few);
    tcase_add_test(requests, addresses_that_wait_take_bounded_memory);
    tcase_add_test(requests, no_change_of_a_byte_confuses_the_reader);
    return requests;
}
