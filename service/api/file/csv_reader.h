/* CSV as RFC 4180 has it, read strictly, a row at a time, from bytes in memory. Every fault has its
 * line and its cell, and reading goes on behind it where that makes sense.
 *
 * A byte order mark before the first row and empty lines are passed over; a row ends in CRLF or LF.
 * A line break within quotes is the cell's own, and is given as LF. */
#ifndef ETS144_API_FILE_CSV_READER_H
#define ETS144_API_FILE_CSV_READER_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAX_CSV_CELLS = 64 }; /* further cells of a row are counted, not given */

enum csv_fault {
    CSV_GOOD,
    CSV_QUOTE_IN_CELL,    /* a quote in a cell that does not begin with one */
    CSV_TEXT_BEHIND_CELL, /* something between the closing quote and the comma */
    CSV_QUOTE_NOT_CLOSED, /* the rest of the file is in it */
    CSV_LONE_RETURN,      /* CR without LF, outside quotes */
    CSV_NUL,
    CSV_NOT_UTF8
};

struct csv_row {
    int line; /* where it begins, from 1 */
    int cell_count;
    const char *cells[MAX_CSV_CELLS]; /* live as long as the arena */
    enum csv_fault fault;             /* the first one */
    int fault_cell;                   /* in which cell, from 0 */
};

struct csv_reader {
    const char *at;
    const char *end;
    char *to; /* where the next cell goes: a copy is never longer than what it is of */
    int line;
};

/* The bytes are borrowed. */
void csv_open(struct csv_reader *reader, struct arena *arena, const char *bytes, size_t length);

/* False: there is no further row. */
bool csv_next(struct csv_reader *reader, struct csv_row *row);

#endif
