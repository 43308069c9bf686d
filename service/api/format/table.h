/* Tables: what a list is as rows and columns. One array of columns says which member of an item
 * each holds, of what it is, and what it means in English and French: the rows of a CSV file and
 * the metadata beside it (CSV on the Web) are both made from it.
 *
 * A column's name is its member's, with _ where an object is entered: signature.date is in
 * signature_date. A list is its entries with a space between them; a space inside an entry is
 * written as a no-break space. null is an empty cell, and so is an empty list. */
#ifndef ETS144_API_FORMAT_TABLE_H
#define ETS144_API_FORMAT_TABLE_H

#include "base/memory.h"
#include "http/message/message.h"
#include "render/csv.h"

#include <jansson.h>
#include <stdbool.h>

enum column_kind {
    COLUMN_TEXT,
    COLUMN_ADDRESS, /* a URI */
    COLUMN_DAY,     /* YYYY-MM-DD */
    COLUMN_MOMENT,  /* RFC 3339, UTC */
    COLUMN_BOOLEAN, /* true or false */
    COLUMN_COUNT,   /* a whole number */
    COLUMN_SHARE,   /* a decimal number */
    COLUMN_JSON     /* an object, written as JSON */
};

struct column {
    const char *member; /* of the item, such as signature.date; NULL ends the columns */
    enum column_kind kind;
    bool list;
    bool not_null;   /* never empty */
    bool importable; /* what a person records; the other columns are the register's own */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT];
};

struct table {
    const char *address; /* of the list that it is: /v1/states */
    const char *key;     /* the columns that tell its rows apart, with a space between them */
    const char *title[LANGUAGE_COUNT];
    const char *description[LANGUAGE_COUNT];
    const struct column *columns;
};

/* The table's name, from its address: statistics-series. */
const char *table_name(struct arena *arena, const struct table *table);
/* The column's name in a header row. */
const char *table_column_name(struct arena *arena, const struct column *column);

/* fields: the members of the item that are wanted, separated by commas; NULL: all of them. */
void table_write_header(struct arena *arena, const struct table *table, const char *fields,
                        struct csv *csv);
void table_write_row(struct arena *arena, const struct table *table, const char *fields,
                     const json_t *item, struct csv *csv);

#endif
