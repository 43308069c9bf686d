/* Files of treaty actions, as CSV or NDJSON, read row by row into the documents of POST /v1/actions
 * and checked by the same table of fields.
 *
 * The columns are those of an exported file. Derived columns (versions, computed dates) are
 * ignored. Two columns exist only here: `reason`, and `territories`, which lists +covered and -left
 * out in one cell. */
#ifndef ETS144_API_FILE_ACTION_FILE_H
#define ETS144_API_FILE_ACTION_FILE_H

#include "http/message/exchange.h"

enum action_file_form { ACTION_FILE_CSV, ACTION_FILE_NDJSON };

/* [{line, document}], a new reference; a malformed row is {line, state} instead, with the State
 * null if that is malformed, too. Faults are added with their lines. NULL: no row could be read. */
json_t *action_file_read(struct exchange *exchange, enum action_file_form format, const char *bytes,
                         size_t length, long max_rows);

#endif
