/* The admin: how a command of the operator asks the database, over one connection as the
 * administrator. What does not work is one sentence on stderr. */
#ifndef ETS144_COMMANDS_ADMIN_H
#define ETS144_COMMANDS_ADMIN_H

#include "config.h"
#include "store/pool.h"

struct admin;

/* NULL: the database does not answer. A statement may take so many milliseconds. */
struct admin *admin_open(const struct config *config, int statement_timeout_ms);
void admin_close(struct admin *admin);

/* Everything asked from now on is answered from the database as it is at this moment. */
bool admin_snapshot(struct admin *admin);
/* The rows of a statement, which the caller frees; NULL: it was refused. `taken`: what to say where
 * a value is there already that can be there once only; NULL: what the database says. */
struct rows *admin_ask(struct admin *admin, const struct statement *statement,
                       const char *const *values, const char *taken);

#endif
