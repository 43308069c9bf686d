/* The tables that the register is offered as: their columns, in English and French.
 * The columns of actions that are `entered` are those an import of actions reads: what is exported
 * can be imported. */
#ifndef ETS144_API_FORMAT_TABLES_H
#define ETS144_API_FORMAT_TABLES_H

#include "api/format/table.h"

extern const struct table states_table;
extern const struct table actions_table;
extern const struct table statistics_table;
extern const struct table series_table;
extern const struct table chart_table;
extern const struct table changes_table;

/* All of them, ending with NULL. */
extern const struct table *const tables[];

#endif
