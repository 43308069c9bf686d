/* The rows of a query, as text: a PGresult of libpq behind a narrow interface. */
#ifndef ETS144_STORE_ROWS_H
#define ETS144_STORE_ROWS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum column_type { ROW_TEXT, ROW_BOOLEAN, ROW_NUMBER, ROW_TIME, ROW_JSON };

struct rows; /* caller frees with rows_free() */

/* Takes ownership of the result. */
struct rows *rows_of_result(PGresult *result);
void rows_free(struct rows *rows); /* NULL is fine */
int rows_count(const struct rows *rows);
int rows_column_count(const struct rows *rows);
const char *rows_column_name(const struct rows *rows, int column);
enum column_type rows_column_type(const struct rows *rows, int column);
int rows_column(const struct rows *rows, const char *name); /* -1: no such column */
/* NULL for SQL's null; borrowed until rows_free(). */
const char *rows_value(const struct rows *rows, int row, int column);
/* Of the value, in bytes. */
size_t rows_length(const struct rows *rows, int row, int column);
/* The value by name; also NULL if there is no such column or row. */
const char *rows_named(const struct rows *rows, int row, const char *name);
/* False for SQL's null as well. */
bool rows_true(const struct rows *rows, int row, const char *name);

#endif
