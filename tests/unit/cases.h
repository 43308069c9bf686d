/* The cases of the unit suite, by file; unit.c has the rest and runs them all. */
#ifndef ETS144_UNIT_CASES_H
#define ETS144_UNIT_CASES_H

#include <check.h>

TCase *kept_case(void); /* kept.c */

#endif
