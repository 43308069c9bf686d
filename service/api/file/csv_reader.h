/* A strict reader of CSV (RFC 4180): a row at a time, from bytes in memory. A fault has a line and
 * a cell, and does not end the reading.
 *
 * A byte order mark and empty lines are skipped. A row ends in CRLF or LF. A line break within
 * quotes belongs to the cell, as LF. */
#ifndef ETS144_API_FILE_CSV_READER_H
#define ETS144_API_FILE_CSV_READER_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum { MAX_CSV_CELLS = 64 }; /* further cells of a row are counted, not stored */

enum csv_fault {
    CSV_GOOD,
    CSV_QUOTE_IN_CELL,    /* a quote in a cell that does not begin with one */
    CSV_TEXT_BEHIND_CELL, /* something between the closing quote and the comma */
    CSV_QUOTE_NOT_CLOSED, /* the rest of the file is in the cell */
    CSV_LONE_RETURN,      /* CR without LF, outside quotes */
    CSV_NUL,
    CSV_NOT_UTF8
};

struct csv_row {
    int line; /* where it begins, from 1 */
    int cell_count;
    const char *cells[MAX_CSV_CELLS]; /* live as long as the arena */
    enum csv_fault fault;             /* the first of the row */
    int fault_cell;                   /* the index of its cell, from 0 */
};

struct csv_reader {
    const char *at;
    const char *end;
    char *to; /* the next cell; copies are never longer than the file */
    int line;
};

/* The bytes are borrowed while rows are read; cells are copied to the arena. */
void csv_open(struct csv_reader *reader, struct arena *arena, const char *bytes, size_t length);

/* False: the file has no further row. */
bool csv_next(struct csv_reader *reader, struct csv_row *row);

#endif
