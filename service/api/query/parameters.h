/* Query parameters that several resources take: rows to write into a table, and whole tables. A
 * table that only one resource takes is in that resource's file. */
#ifndef ETS144_API_QUERY_PARAMETERS_H
#define ETS144_API_QUERY_PARAMETERS_H

#include "http/request/parameter.h"

/* The moment: legal time, by default today, and knowledge time. */
#define PARAMETER_ROWS_MOMENT                                                                      \
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},                                      \
    {                                                                                              \
        .name = "known_at", .type = PARAMETER_TIME                                                 \
    }
#define PARAMETER_ROW_FIELDS                                                                       \
    {                                                                                              \
        .name = "fields", .type = PARAMETER_NAMES                                                  \
    }

extern const struct parameter moment_parameters[];            /* as_of, known_at */
extern const struct parameter known_parameters[];             /* known_at */
extern const struct parameter moment_and_fields_parameters[]; /* as_of, known_at, fields */
extern const struct parameter write_parameters[];             /* dry_run */
extern const struct parameter void_parameters[]; /* reason, which is required; dry_run */

#endif
