/* CSV (RFC 4180): a header row, CRLF, cells quoted where they must be, UTF-8.
 *
 * It begins with a byte order mark, since a spreadsheet takes the file for another encoding without
 * one and shows wrong accents; a program's reader skips it, or fails at once.
 *
 * A spreadsheet takes a text that begins with = + - @ (or their full-width forms), a tab or a line
 * break for a formula. Such a text gets an apostrophe before it. So does one that begins with
 * apostrophes and then such a character: to take one apostrophe off again is then exact. */
#ifndef ETS144_RENDER_CSV_H
#define ETS144_RENDER_CSV_H

#include "base/buffer.h"

#include <stdbool.h>

struct csv {
    struct buffer buffer;
    bool in_row;
};

void csv_begin(struct csv *csv); /* the byte order mark */
/* Adds a cell to the row; text NULL: an empty one. */
void csv_add_text(struct csv *csv, const char *text);
/* The same for what is no text: a number, true or false. */
void csv_add_plain(struct csv *csv, const char *text);
void csv_end_row(struct csv *csv);

/* Whether an apostrophe must come before the text. */
bool csv_needs_guard(const char *text);
/* The text that was meant: without the apostrophe, where csv_add_text put one. Borrowed. */
const char *csv_without_guard(const char *text);

#endif
