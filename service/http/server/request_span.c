#include "http/server/request_span.h"

#include <stdint.h>

/* Characters of tokens (tchar, RFC 9110 §5.6.2), of host names (RFC 3986 §3.2.2), and of both. */
enum { T = 1, H = 2, B = T | H };

/* clang-format off */
static const unsigned char classes[UINT8_MAX + 1] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, B, 0, T, B, B, B, B, H, H, B, B, H, B, B, 0, /* (space)!"#$%&'()*+,-./ */
    B, B, B, B, B, B, B, B, B, B, 0, H, 0, H, 0, 0, /* 0123456789:;<=>? */
    0, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, /* @ABCDEFGHIJKLMNO */
    B, B, B, B, B, B, B, B, B, B, B, 0, 0, 0, T, B, /* PQRSTUVWXYZ[\]^_ */
    T, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, /* `abcdefghijklmno */
    B, B, B, B, B, B, B, B, B, B, B, 0, T, 0, B, 0, /* pqrstuvwxyz{|}~ */
};
/* clang-format on */

static bool is_of(char character, int class)
{
    return (classes[(unsigned char)character] & class) != 0;
}

bool span_is_token(struct span span)
{
    for (size_t i = 0; i < span.length; i++) {
        if (!is_of(span.text[i], T)) {
            return false;
        }
    }
    return span.length > 0;
}

bool span_is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* [":" port] */
static bool is_port(const char *text, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        if (!span_is_digit(text[i])) {
            return false;
        }
    }
    return length == 0 || text[0] == ':';
}

bool span_is_host(struct span span)
{
    const char *text = span.text;
    size_t length = span.length;
    bool literal = length > 0 && text[0] == '[';
    size_t end = literal;
    while (end < length && (is_of(text[end], H) || (literal && text[end] == ':'))) {
        end++;
    }
    if (literal && (end == 1 || end == length || text[end++] != ']')) {
        return false;
    }
    return is_port(text + end, length - end);
}

struct span span_trim(struct span value)
{
    while (value.length > 0 && (value.text[0] == ' ' || value.text[0] == '\t')) {
        value.text++;
        value.length--;
    }
    while (value.length > 0 &&
           (value.text[value.length - 1] == ' ' || value.text[value.length - 1] == '\t')) {
        value.length--;
    }
    return value;
}
