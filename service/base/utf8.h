/* UTF-8 (RFC 3629): what is, and what can be made of bytes that are not. */
#ifndef ETS144_BASE_UTF8_H
#define ETS144_BASE_UTF8_H

#include <stddef.h>

/* The length of the sequence at the bytes; 0: there is none. */
size_t utf8_sequence(const unsigned char *at, size_t left);

/* Writes the bytes as text that may be stored and shown: what is no UTF-8, and each control
 * character but newline and tab, becomes U+FFFD; a sequence that the end cuts is left out. The text
 * needs three bytes for each, and one more. */
void utf8_mend(const char *bytes, size_t length, char *text);

#endif
