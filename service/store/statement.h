/* A statement of sql/queries, compiled in: its text and the names of its parameters in order. */
#ifndef ETS144_STORE_STATEMENT_H
#define ETS144_STORE_STATEMENT_H

struct statement {
    const char *name; /* the file's name without .sql; also the prepared statement's */
    int index;        /* 0 … STATEMENT_COUNT - 1 */
    int parameter_count;
    const char *const *parameters;
    const char *sql;
};

#endif
