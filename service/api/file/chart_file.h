/* An official chart of signatures and ratifications: as CSV in the Treaty Office's layout or in
 * that of GET /v1/chart, or as JSON rows with CodePays, DateSignature, DateConsentement and
 * DateEntreeVigueur. Read row by row into what it says of each State.
 *
 * A day is written as 05/02/1992, the day first, or as 1992-02-05; in no other way, since it would
 * have to be guessed which number is the month. */
#ifndef ETS144_API_FILE_CHART_FILE_H
#define ETS144_API_FILE_CHART_FILE_H

#include "http/message/exchange.h"

enum chart_file_form { CHART_FILE_CSV, CHART_FILE_JSON };

enum { MAX_CHART_ROWS = 1000 };

/* [{line, code, name, signature, consent, entry_into_force}], the days of signature and consent as
 * {date, not_before, not_after}; in JSON the line is the row's place. Columns and members that are
 * passed over are added to passed_over. Faults are added with their lines. NULL: no row could be
 * read. */
json_t *chart_file_read(struct exchange *exchange, enum chart_file_form form, const char *bytes,
                        size_t length, json_t *passed_over);

#endif
