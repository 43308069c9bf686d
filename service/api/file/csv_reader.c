#include "api/file/csv_reader.h"

#include "base/syntax.h"

#include <string.h>

void csv_open(struct csv_reader *reader, struct arena *arena, const char *bytes, size_t length)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    *reader = (struct csv_reader){
        .at = bytes, .end = bytes + length, .to = arena_allocate(arena, length + 1), .line = 1};
    if (length >= sizeof byte_order_mark - 1 &&
        memcmp(bytes, byte_order_mark, sizeof byte_order_mark - 1) == 0) {
        reader->at += sizeof byte_order_mark - 1;
    }
}

/* The length of the line break at a place: 2, 1, or 0 for none. */
static size_t line_break(const struct csv_reader *reader, const char *at)
{
    if (at < reader->end && *at == '\n') {
        return 1;
    }
    return reader->end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static bool at_cell_end(const struct csv_reader *reader)
{
    return reader->at == reader->end || *reader->at == ',' || line_break(reader, reader->at) > 0;
}

static void note(struct csv_row *row, enum csv_fault fault)
{
    if (row->fault == CSV_GOOD) {
        row->fault = fault;
        row->fault_cell = row->cell_count;
    }
}

/* Copies the text between the quotes; the reader is then behind the closing quote. */
static void read_quoted(struct csv_reader *reader, struct csv_row *row)
{
    reader->at++;
    while (reader->at < reader->end) {
        size_t broken = line_break(reader, reader->at);
        if (broken > 0) {
            *reader->to++ = '\n';
            reader->at += broken;
            reader->line++;
        } else if (*reader->at != '"') {
            *reader->to++ = *reader->at++;
        } else if (reader->end - reader->at >= 2 && reader->at[1] == '"') {
            *reader->to++ = '"';
            reader->at += 2;
        } else {
            reader->at++;
            return;
        }
    }
    note(row, CSV_QUOTE_NOT_CLOSED);
}

/* Copies the text up to the end of the cell. */
static void read_plain(struct csv_reader *reader, struct csv_row *row)
{
    while (!at_cell_end(reader)) {
        if (*reader->at == '"') {
            note(row, CSV_QUOTE_IN_CELL);
        } else if (*reader->at == '\r') {
            note(row, CSV_LONE_RETURN);
        }
        *reader->to++ = *reader->at++;
    }
}

/* The NUL behind the copy takes the place of the comma or the line break. */
static void read_cell(struct csv_reader *reader, struct csv_row *row)
{
    char *cell = reader->to;
    if (reader->at < reader->end && *reader->at == '"') {
        read_quoted(reader, row);
        if (!at_cell_end(reader)) {
            note(row, CSV_TEXT_BEHIND_CELL);
        }
    }
    read_plain(reader, row);
    size_t length = (size_t)(reader->to - cell);
    if (memchr(cell, '\0', length) != NULL) {
        note(row, CSV_NUL);
    } else if (!syntax_is_utf8(cell, length)) {
        note(row, CSV_NOT_UTF8);
    }
    *reader->to++ = '\0';
    if (row->cell_count < MAX_CSV_CELLS) {
        row->cells[row->cell_count] = cell;
    }
    row->cell_count++;
}

bool csv_next(struct csv_reader *reader, struct csv_row *row)
{
    for (size_t broken = line_break(reader, reader->at); broken > 0;
         broken = line_break(reader, reader->at)) {
        reader->at += broken;
        reader->line++;
    }
    if (reader->at == reader->end) {
        return false;
    }
    *row = (struct csv_row){.line = reader->line, .fault = CSV_GOOD};
    read_cell(reader, row);
    while (reader->at < reader->end && *reader->at == ',') {
        reader->at++;
        read_cell(reader, row);
    }
    size_t broken = line_break(reader, reader->at);
    reader->at += broken;
    reader->line += broken > 0;
    return true;
}
