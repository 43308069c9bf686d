/* The cases of the unit suite, by file; unit.c has the rest and runs them all. */
#ifndef ETS144_UNIT_CASES_H
#define ETS144_UNIT_CASES_H

#include <check.h>

TCase *csv_case(void);      /* csv_reader.c */
TCase *feeds_case(void);    /* feeds.c */
TCase *cache_case(void);    /* cache.c */
TCase *network_case(void);  /* network.c */
TCase *webhooks_case(void); /* webhooks.c */
TCase *text_case(void);     /* text.c */
TCase *requests_case(void); /* requests.c */
TCase *rows_case(void);     /* rows.c */

#endif
