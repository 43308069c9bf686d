/* The tokens that were used here, for the list of tokens. A request only notes its token in memory.
 * A thread writes the names to the database, those of a second together and each at most once a
 * minute; while the database does not answer they wait. */
#ifndef ETS144_STORE_TOKEN_USES_H
#define ETS144_STORE_TOKEN_USES_H

#include "store/pool.h"

struct token_uses;

/* Starts the thread. The pool is borrowed until token_uses_close(), which writes what is noted. */
struct token_uses *token_uses_open(struct pool *pool);
void token_uses_close(struct token_uses *uses); /* NULL is fine */

/* Notes that a token was used, by its name, which is copied. Never waits for the database. */
void token_uses_note(struct token_uses *uses, const char *name);

#endif
