#include "api/query/parameters.h"

#include <stddef.h>

const struct parameter moment_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    {.name = NULL},
};

const struct parameter known_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = NULL},
};

const struct parameter moment_and_fields_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    PARAMETER_ROW_FIELDS,
    {.name = NULL},
};

const struct parameter write_parameters[] = {
    {.name = "dry_run", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};

const struct parameter void_parameters[] = {
    {.name = "reason", .type = PARAMETER_TEXT, .required = true},
    {.name = "dry_run", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};
