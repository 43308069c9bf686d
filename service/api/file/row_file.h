/* A file of rows while it is read: its columns, its rows so far, and the place of each fault. The
 * reader of each kind of file (action_file.c, chart_file.c) interprets the cells. */
#ifndef ETS144_API_FILE_ROW_FILE_H
#define ETS144_API_FILE_ROW_FILE_H

#include "api/file/csv_reader.h"
#include "http/message/exchange.h"
#include "http/message/problem.h"

struct row_column {
    const char *name; /* in any letter case; NULL ends a table */
    /* JSON Pointer of the field it fills; "": none. Two columns must not fill the same field. */
    const char *pointer;
    int use; /* of the reader's own enum */
    bool required;
};

struct row_file {
    struct exchange *exchange;
    const struct row_column *columns; /* all known columns */
    long max_rows;
    json_t *rows; /* owned until row_file_end */
    const struct row_column *header[MAX_CSV_CELLS];
    int header_count;
    size_t faults_before; /* the number of faults when the current row began */
};

void row_file_fault(struct row_file *file, enum fault_place place, const char *where,
                    enum message message, const char *first, const char *second);

/* Reads the header row of CSV; false: it has faults, and no row can be read. */
bool row_file_header(struct row_file *file, struct csv_reader *csv);

/* Begins a row; false: one row too many, and the file is refused. */
bool row_file_begin(struct row_file *file, int line);
/* Passes each cell of a CSV row to the reader, and adds the faults of the row itself. */
void row_file_cells(struct row_file *file, const struct csv_row *row, json_t *document,
                    void (*read_cell)(struct row_file *file, json_t *document,
                                      const struct row_column *column, const char *cell));
/* Whether the row has no fault so far. */
bool row_file_is_good(const struct row_file *file);

/* Sets the member at a JSON Pointer of one or two names, making the outer object if necessary.
 * Takes the value over. */
void row_file_set(json_t *document, const char *pointer, json_t *value);

/* The rows, a new reference; NULL: no row could be read. */
json_t *row_file_end(struct row_file *file, bool readable);

#endif
