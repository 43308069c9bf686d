/* A file of rows as it is read: its columns, its rows so far, and where in it a fault is.
 * What a cell says is for the reader of the one kind of file or the other. */
#ifndef ETS144_API_FILE_ROW_FILE_H
#define ETS144_API_FILE_ROW_FILE_H

#include "api/file/csv_reader.h"
#include "http/message/exchange.h"
#include "http/message/problem.h"

struct row_column {
    const char *name; /* in any letter case; NULL ends a table */
    const char
        *pointer; /* what it fills; no two columns of a file may fill the same. "": nothing */
    int use;      /* for the reader */
    bool required;
};

struct row_file {
    struct exchange *exchange;
    const struct row_column *columns; /* those that there may be */
    long most_rows;
    json_t *rows;
    const struct row_column *header[MAX_CSV_CELLS];
    int header_count;
    size_t faults_before; /* found before the row that is read */
};

void row_file_fault(struct row_file *file, enum fault_place place, const char *where,
                    enum message message, const char *first, const char *second);

/* Reads the first row of CSV as names of columns; false: they are not known, so that no row can be
 * read. */
bool row_file_header(struct row_file *file, struct csv_reader *csv);

/* Begins a row; false: it is one too many, and the file is refused. */
bool row_file_begin(struct row_file *file, int line);
/* Gives each cell of a row of CSV to the reader; what is wrong with the row as such is a fault. */
void row_file_cells(struct row_file *file, const struct csv_row *row, json_t *document,
                    void (*read_cell)(struct row_file *file, json_t *document,
                                      const struct row_column *column, const char *cell));
/* Whether no fault was found since the row was begun. */
bool row_file_is_good(const struct row_file *file);

/* Sets the member that a pointer means; one level of nesting is made as it is needed. Takes the
 * value over. */
void row_file_set(json_t *document, const char *pointer, json_t *value);

/* Ends the reading; NULL: there is no row that could be read. */
json_t *row_file_end(struct row_file *file, bool readable);

#endif
