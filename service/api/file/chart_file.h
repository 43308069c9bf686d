/* Official charts of signatures and ratifications, read row by row: CSV in the layout of the Treaty
 * Office or of GET /v1/chart, or JSON rows with CodePays, DateSignature, DateConsentement and
 * DateEntreeVigueur.
 *
 * A date is written 05/02/1992, the day first, or 1992-02-05. No other notation is read, since the
 * month would be a guess. Of a signature or consent a letter of the Treaty Office may follow it, as
 * in 05/03/2024 a. */
#ifndef ETS144_API_FILE_CHART_FILE_H
#define ETS144_API_FILE_CHART_FILE_H

#include "http/message/exchange.h"

enum chart_file_form { CHART_FILE_CSV, CHART_FILE_JSON };

enum { MAX_CHART_ROWS = 1000 };

/* [{line, code, name, signature, consent, entry_into_force}], a new reference, with signature and
 * consent as {date, letter, not_before, not_after}; the line of a JSON row is its index from 1. The
 * names of ignored columns and members are added to `ignored`. Faults are added with their lines.
 * NULL: no row could be read. */
json_t *chart_file_read(struct exchange *exchange, enum chart_file_form format, const char *bytes,
                        size_t length, json_t *ignored);

#endif
