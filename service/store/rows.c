#include "store/rows.h"

#include <string.h>

/* Object identifiers of built-in types, fixed in PostgreSQL's pg_type.dat. */
enum {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_JSON = 114,
    OID_FLOAT8 = 701,
    OID_TIMESTAMPTZ = 1184,
    OID_NUMERIC = 1700,
    OID_JSONB = 3802
};

/* struct rows has no definition: it is a PGresult under another name. */
static const PGresult *result_of(const struct rows *rows)
{
    return (const PGresult *)(const void *)rows;
}

struct rows *rows_of_result(PGresult *result)
{
    return (struct rows *)(void *)result;
}

void rows_free(struct rows *rows)
{
    PQclear((PGresult *)(void *)rows);
}

int rows_count(const struct rows *rows)
{
    return PQntuples(result_of(rows));
}

int rows_column_count(const struct rows *rows)
{
    return PQnfields(result_of(rows));
}

const char *rows_column_name(const struct rows *rows, int column)
{
    return PQfname(result_of(rows), column);
}

enum column_type rows_column_type(const struct rows *rows, int column)
{
    switch (PQftype(result_of(rows), column)) {
    case OID_BOOL:
        return ROW_BOOLEAN;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_FLOAT8:
    case OID_NUMERIC:
        return ROW_NUMBER;
    case OID_TIMESTAMPTZ:
        return ROW_TIME;
    case OID_JSON:
    case OID_JSONB:
        return ROW_JSON;
    default:
        return ROW_TEXT;
    }
}

int rows_column(const struct rows *rows, const char *name)
{
    int count = rows_column_count(rows);
    for (int column = 0; column < count; column++) {
        if (strcmp(rows_column_name(rows, column), name) == 0) {
            return column;
        }
    }
    return -1;
}

const char *rows_value(const struct rows *rows, int row, int column)
{
    if (PQgetisnull(result_of(rows), row, column)) {
        return NULL;
    }
    return PQgetvalue(result_of(rows), row, column);
}

size_t rows_length(const struct rows *rows, int row, int column)
{
    return (size_t)PQgetlength(result_of(rows), row, column);
}

const char *rows_named(const struct rows *rows, int row, const char *name)
{
    int column = rows_column(rows, name);
    return column < 0 || row >= rows_count(rows) ? NULL : rows_value(rows, row, column);
}

bool rows_true(const struct rows *rows, int row, const char *name)
{
    const char *value = rows_named(rows, row, name);
    return value != NULL && value[0] == 't';
}
