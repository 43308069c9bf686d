#include "api/file/row_file.h"

#include <string.h>
#include <strings.h>

static const enum message csv_faults[] = {
    [CSV_QUOTE_IN_CELL] = MESSAGE_QUOTE_IN_CELL,
    [CSV_TEXT_BEHIND_CELL] = MESSAGE_TEXT_BEHIND_CELL,
    [CSV_QUOTE_NOT_CLOSED] = MESSAGE_QUOTE_NOT_CLOSED,
    [CSV_LONE_RETURN] = MESSAGE_LONE_RETURN,
    [CSV_NUL] = MESSAGE_CELL_WITH_NUL,
    [CSV_NOT_UTF8] = MESSAGE_CELL_NOT_UTF8,
};

void row_file_fault(struct row_file *file, enum fault_place place, const char *where,
                    enum message message, const char *first, const char *second)
{
    struct exchange *exchange = file->exchange;
    if (fault_reserve(exchange)) {
        fault_add(exchange, place, where, NULL,
                  message_fill(exchange->arena, exchange->language, message, first, second, NULL));
    }
}

static const char *number_text(struct row_file *file, long number)
{
    return arena_print(file->exchange->arena, "%ld", number);
}

static const struct row_column *find_column(const struct row_file *file, const char *name)
{
    for (const struct row_column *column = file->columns; column->name != NULL; column++) {
        if (strcasecmp(column->name, name) == 0) {
            return column;
        }
    }
    return NULL;
}

static const char *column_names(struct row_file *file)
{
    const char *names = file->columns->name;
    for (const struct row_column *column = file->columns + 1; column->name != NULL; column++) {
        names = arena_print(file->exchange->arena, "%s, %s", names, column->name);
    }
    return names;
}

/* Whether the pointers are equal or the second is below the first. */
static bool leads_to(const char *pointer, const char *further)
{
    size_t length = strlen(pointer);
    return length > 0 && strncmp(pointer, further, length) == 0 &&
           (further[length] == '\0' || further[length] == '/');
}

/* Whether a column of the header fills the field of this column, a part of it or an object around
 * it. */
static bool is_filled(const struct row_file *file, const struct row_column *column)
{
    for (int i = 0; i < file->header_count; i++) {
        const struct row_column *other = file->header[i];
        if (other == column || leads_to(other->pointer, column->pointer) ||
            leads_to(column->pointer, other->pointer)) {
            return true;
        }
    }
    return false;
}

static void take_column(struct row_file *file, const char *name)
{
    const struct row_column *column = find_column(file, name);
    if (column == NULL) {
        row_file_fault(file, FAULT_COLUMN, name, MESSAGE_UNKNOWN_COLUMN, name, column_names(file));
    } else if (is_filled(file, column)) {
        row_file_fault(file, FAULT_COLUMN, name, MESSAGE_REPEATED_COLUMN, name, NULL);
    } else {
        file->header[file->header_count++] = column;
    }
}

/* Spreadsheets separate cells with semicolons where the comma is the decimal sign. */
static bool has_other_separator(const struct csv_row *row)
{
    return row->cell_count == 1 && strpbrk(row->cells[0], ";\t") != NULL;
}

static void add_csv_fault(struct row_file *file, const struct csv_row *row)
{
    const char *column =
        row->fault_cell < file->header_count ? file->header[row->fault_cell]->name : NULL;
    row_file_fault(file, FAULT_COLUMN, column, csv_faults[row->fault], NULL, NULL);
}

static void add_miscount(struct row_file *file, int cells, int columns)
{
    row_file_fault(file, FAULT_COLUMN, NULL, MESSAGE_CELLS_MISCOUNTED, number_text(file, cells),
                   number_text(file, columns));
}

static void take_columns(struct row_file *file, const struct csv_row *row)
{
    for (int i = 0; i < row->cell_count; i++) {
        take_column(file, row->cells[i]);
    }
    for (const struct row_column *column = file->columns; column->name != NULL; column++) {
        if (column->required && !is_filled(file, column)) {
            row_file_fault(file, FAULT_COLUMN, column->name, MESSAGE_MISSING_COLUMN, column->name,
                           NULL);
        }
    }
}

/* Lets fault_add name the column of a field (exchange->columns). */
static void name_columns(struct row_file *file)
{
    struct file_column *named =
        arena_allocate(file->exchange->arena, ((size_t)file->header_count + 1) * sizeof *named);
    int count = 0;
    for (int i = 0; i < file->header_count; i++) {
        if (file->header[i]->pointer[0] != '\0') {
            named[count++] = (struct file_column){file->header[i]->name, file->header[i]->pointer};
        }
    }
    file->exchange->columns = named;
}

bool row_file_header(struct row_file *file, struct csv_reader *csv)
{
    struct csv_row row;
    file->exchange->line = 1;
    if (!csv_next(csv, &row)) {
        row_file_fault(file, FAULT_COLUMN, NULL, MESSAGE_NO_ROWS, NULL, NULL);
        return false;
    }
    file->exchange->line = row.line;
    if (row.fault != CSV_GOOD) {
        add_csv_fault(file, &row);
    } else if (has_other_separator(&row)) {
        row_file_fault(file, FAULT_COLUMN, NULL, MESSAGE_OTHER_SEPARATOR, NULL, NULL);
    } else if (row.cell_count > MAX_CSV_CELLS) {
        add_miscount(file, row.cell_count, MAX_CSV_CELLS);
    } else {
        take_columns(file, &row);
    }
    name_columns(file);
    return !fault_found(file->exchange);
}

bool row_file_begin(struct row_file *file, int line)
{
    file->exchange->line = line;
    file->faults_before = file->exchange->fault_count;
    if (json_array_size(file->rows) < (size_t)file->max_rows) {
        return true;
    }
    row_file_fault(file, FAULT_COLUMN, NULL, MESSAGE_TOO_MANY_ROWS,
                   number_text(file, file->max_rows), NULL);
    return false;
}

void row_file_cells(struct row_file *file, const struct csv_row *row, json_t *document,
                    void (*read_cell)(struct row_file *file, json_t *document,
                                      const struct row_column *column, const char *cell))
{
    for (int i = 0; i < row->cell_count && i < file->header_count; i++) {
        if (i != row->fault_cell || row->fault == CSV_GOOD) {
            read_cell(file, document, file->header[i], row->cells[i]);
        }
    }
    if (row->fault != CSV_GOOD) {
        add_csv_fault(file, row);
    } else if (row->cell_count != file->header_count) {
        add_miscount(file, row->cell_count, file->header_count);
    }
}

bool row_file_is_good(const struct row_file *file)
{
    return file->exchange->fault_count == file->faults_before;
}

void row_file_set(json_t *document, const char *pointer, json_t *value)
{
    const char *inner = strchr(pointer + 1, '/');
    if (inner == NULL) {
        json_object_set_new(document, pointer + 1, value);
        return;
    }
    size_t length = (size_t)(inner - pointer - 1);
    json_t *outer = json_object_getn(document, pointer + 1, length);
    if (outer == NULL) {
        outer = json_object();
        json_object_setn_new(document, pointer + 1, length, outer);
    }
    json_object_set_new(outer, inner + 1, value);
}

json_t *row_file_end(struct row_file *file, bool readable)
{
    if (readable && json_array_size(file->rows) == 0) {
        file->exchange->line = 1;
        row_file_fault(file, FAULT_COLUMN, NULL, MESSAGE_NO_ROWS, NULL, NULL);
        readable = false;
    }
    file->exchange->line = 0;
    if (!readable) {
        json_decref(file->rows);
        return NULL;
    }
    return file->rows;
}
