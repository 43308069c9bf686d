/* The console: how a command of the operator asks the database, over one connection as the
 * administrator. What does not work is one sentence on stderr. */
#ifndef ETS144_CONSOLE_H
#define ETS144_CONSOLE_H

#include "config.h"
#include "store/store.h"

struct console;

/* NULL: the database does not answer. A statement may take so many milliseconds. */
struct console *console_open(const struct config *config, int statement_timeout);
void console_close(struct console *console);

/* Everything asked from now on is answered from the database as it is at this moment. */
bool console_hold_moment(struct console *console);
/* The rows of a statement, which the caller frees; NULL: it was refused. `taken`: what to say where
 * a value is there already that can be there once only; NULL: what the database says. */
struct rows *console_ask(struct console *console, const struct statement *statement,
                         const char *const *values, const char *taken);

#endif
