/* A file of treaty actions, as CSV or as NDJSON: read row by row into the documents that would
 * record them, with the checks of form that a single one gets.
 *
 * The columns are those of an exported file. What the register adds of its own (its versions, the
 * dates that it computes) is passed over; a column `reason` may say why an action is recorded, and
 * `territories` names in one column those +covered and -left out. */
#ifndef ETS144_API_FILE_ACTION_FILE_H
#define ETS144_API_FILE_ACTION_FILE_H

#include "http/message/exchange.h"

enum action_file_form { ACTION_FILE_CSV, ACTION_FILE_NDJSON };

/* [{line, document}]; a row that is not of its form is {line, state} instead, the State null if
 * that could not be read either. Faults are added with their lines. NULL: no row could be read. */
json_t *action_file_read(struct exchange *exchange, enum action_file_form form, const char *bytes,
                         size_t length, long most_rows);

#endif
