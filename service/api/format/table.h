/* Tables: lists as rows and columns. words/columns.def names the columns of each table, the kinds
 * of their values and their meanings in English and French. CSV files and their metadata (CSV on
 * the Web) are both made from it.
 *
 * The name of a column is that of its member with _ for a dot: signature_date holds signature.date.
 * A list is written as its entries with a space between them, and a space within an entry as
 * TABLE_ENTRY_SPACE; a list of objects is written as JSON. null and an empty list are an empty
 * cell. */
#ifndef ETS144_API_FORMAT_TABLE_H
#define ETS144_API_FORMAT_TABLE_H

#include "base/memory.h"
#include "http/message/message.h"
#include "render/csv.h"
#include "store/rows.h"

#include <jansson.h>
#include <stdbool.h>

/* U+00A0, NO-BREAK SPACE */
#define TABLE_ENTRY_SPACE "\xC2\xA0"

enum column_kind {
    COLUMN_TEXT,
    COLUMN_ADDRESS, /* a URI */
    COLUMN_DAY,     /* YYYY-MM-DD */
    COLUMN_MOMENT,  /* RFC 3339, UTC */
    COLUMN_BOOLEAN, /* true or false */
    COLUMN_COUNT,   /* a whole number */
    COLUMN_SHARE,   /* a decimal number */
    COLUMN_JSON     /* an object or a list of objects, written as JSON */
};

struct column {
    const char *member; /* of an item, such as signature.date; NULL ends the columns */
    enum column_kind kind;
    bool list;
    bool not_null;
    bool importable; /* recorded by a person; the register derives the other columns */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT];
};

struct table {
    const char *address; /* of the list: /v1/states */
    const char *key;     /* the columns that identify a row, separated by spaces */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT];
    const struct column *columns;
};

extern const struct table states_table;
extern const struct table actions_table;
extern const struct table memberships_table;
extern const struct table statistics_table;
extern const struct table series_table;
extern const struct table chart_table;
extern const struct table changes_table;
extern const struct table changesets_table;
extern const struct table replies_table;
extern const struct table notes_table;
extern const struct table *const tables[]; /* all of them, ending with NULL */

/* The table's name, from its address: statistics-series. */
const char *table_name(struct arena *arena, const struct table *table);
/* The column's name in a header row. */
const char *table_column_name(struct arena *arena, const struct column *column);

/* Write the columns of `fields`: members of an item, separated by commas; NULL: all of them. */
void table_write_header(struct arena *arena, const struct table *table, const char *fields,
                        struct csv *csv);
void table_write_row(struct arena *arena, const struct table *table, const char *fields,
                     const json_t *item, struct csv *csv);

/* The same for the first rows of a statement, whose columns have the names of the members. */
void table_write_rows(struct arena *arena, const struct table *table, const char *fields,
                      const struct rows *rows, int count, struct csv *csv);

#endif
