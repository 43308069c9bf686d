/* CSV (RFC 4180): a header row, CRLF, cells quoted where necessary, UTF-8.
 *
 * The byte order mark makes spreadsheets read UTF-8, and so accents; programs skip it.
 *
 * A spreadsheet takes a text for a formula if it begins with = + - @ (or their full-width forms), a
 * tab or a line break. Such a text gets an apostrophe before it. A text that has apostrophes before
 * such a character gets one more, so that removing one apostrophe always gives the original. */
#ifndef ETS144_RENDER_CSV_H
#define ETS144_RENDER_CSV_H

#include "base/buffer.h"

#include <stdbool.h>

struct csv {
    struct buffer buffer;
    bool in_row;
};

void csv_begin(struct csv *csv); /* the byte order mark */
/* Adds a cell to the row; text NULL: an empty cell. */
void csv_add_text(struct csv *csv, const char *text);
/* Adds a number, true or false: without apostrophe or quotes. */
void csv_add_plain(struct csv *csv, const char *text);
void csv_end_row(struct csv *csv);

/* Whether the text gets an apostrophe before it. */
bool csv_needs_guard(const char *text);
/* The text without the apostrophe that csv_add_text puts before it. Borrowed. */
const char *csv_without_guard(const char *text);

#endif
