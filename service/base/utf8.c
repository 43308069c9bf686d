#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* RFC 3629 §4: no overlong form, no surrogate, nothing beyond U+10FFFF. */
size_t utf8_sequence(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80) {
        return 1;
    }
    size_t length = 0;
    unsigned lowest_second = 0x80;
    unsigned highest_second = 0xbf;
    if (at[0] >= 0xc2 && at[0] <= 0xdf) {
        length = 2;
    } else if (at[0] >= 0xe0 && at[0] <= 0xef) {
        length = 3;
        lowest_second = at[0] == 0xe0 ? 0xa0 : 0x80;
        highest_second = at[0] == 0xed ? 0x9f : 0xbf;
    } else if (at[0] >= 0xf0 && at[0] <= 0xf4) {
        length = 4;
        lowest_second = at[0] == 0xf0 ? 0x90 : 0x80;
        highest_second = at[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (length == 0 || length > left || at[1] < lowest_second || at[1] > highest_second) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static bool is_control(unsigned char byte)
{
    return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
}

/* Whether the bytes are the beginning of a longer sequence. */
static bool is_cut(const unsigned char *at, size_t left)
{
    unsigned char whole[4] = {0};
    for (size_t missing = 1; left + missing <= sizeof whole; missing++) {
        memcpy(whole, at, left);
        for (size_t i = left; i < left + missing; i++) {
            /* 80 may follow any first byte except E0 and F0, which allow A0. */
            whole[i] = i == 1 && (at[0] == 0xe0 || at[0] == 0xf0) ? 0xa0 : 0x80;
        }
        if (utf8_sequence(whole, left + missing) == left + missing) {
            return true;
        }
    }
    return false;
}

void utf8_mend(const char *bytes, size_t length, char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t done = 0; done < length;) {
        size_t step = utf8_sequence(at + done, length - done);
        if (step > 0 && !is_control(at[done])) {
            memcpy(text, at + done, step);
            text += step;
        } else if (step == 0 && length - done < 4 && is_cut(at + done, length - done)) {
            break;
        } else {
            text = stpcpy(text, replacement);
            step = 1;
        }
        done += step;
    }
    *text = '\0';
}
