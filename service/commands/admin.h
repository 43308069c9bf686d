/* A database session of the role ets144_admin, for the operator's commands. Each failure is a
 * sentence on stderr. */
#ifndef ETS144_COMMANDS_ADMIN_H
#define ETS144_COMMANDS_ADMIN_H

#include "config.h"
#include "store/pool.h"

struct admin;

/* NULL: the database does not answer. */
struct admin *admin_open(const struct config *config, int statement_timeout_ms);
void admin_close(struct admin *admin);

/* For transactions; borrowed until admin_close(). */
struct session *admin_session(struct admin *admin);
/* Begins a read-only transaction with one snapshot, for all statements that follow. */
bool admin_snapshot(struct admin *admin);
/* The rows of a statement, which the caller frees; NULL: it failed. `duplicate` is the sentence for
 * a broken unique constraint; NULL: the database's own message. */
struct rows *admin_run(struct admin *admin, const struct statement *statement,
                       const char *const *values, const char *duplicate);
/* Writes "ets144: message." to stderr; without a message, that the database does not answer. */
void admin_complain(const char *message);

#endif
