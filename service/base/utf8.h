/* UTF-8 (RFC 3629): recognises it, and repairs other bytes. */
#ifndef ETS144_BASE_UTF8_H
#define ETS144_BASE_UTF8_H

#include <stddef.h>

/* The length of the sequence that begins there; 0: malformed. */
size_t utf8_sequence(const unsigned char *at, size_t left);

/* Writes the bytes as UTF-8 that is safe to store and show: a byte that is not UTF-8, and each
 * control character except newline and tab, becomes U+FFFD; a sequence cut off at the end is
 * dropped. The text needs room for three bytes for each byte, plus one. */
void utf8_mend(const char *bytes, size_t length, char *text);

#endif
