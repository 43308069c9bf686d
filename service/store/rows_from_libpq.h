/* Inside store/ only: how a libpq result becomes rows. */
#ifndef ETS144_STORE_ROWS_FROM_LIBPQ_H
#define ETS144_STORE_ROWS_FROM_LIBPQ_H

#include <libpq-fe.h>

struct rows;
struct rows *rows_from_libpq(PGresult *result); /* takes the result over */

#endif
