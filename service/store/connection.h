/* One connection to PostgreSQL: opened, prepared and asked with a deadline.
 * Inside store/ only; it belongs to one thread at a time. */
#ifndef ETS144_STORE_CONNECTION_H
#define ETS144_STORE_CONNECTION_H

#include "store/hosts.h"
#include "store/pool.h"

#include <libpq-fe.h>
#include <stdatomic.h>

struct connection {
    PGconn *libpq;                   /* NULL: closed */
    int timeout;                     /* milliseconds a statement may take */
    bool *prepared;                  /* by statement index: known to this server session; NULL: none
                                      * is ever prepared, since the session may be another each time */
    bool warned;                     /* the server gave a warning since this was cleared */
    bool rolled_back;                /* by the last command */
    const atomic_bool *circuit_open; /* the database is known not to answer; NULL: never */
};

bool connection_open(struct connection *connection, struct hosts *hosts,
                     const struct database_settings *settings, char *error, int error_size);
void connection_close(struct connection *connection);
bool connection_is_usable(const struct connection *connection);
/* Whether an idle connection is still one: the server may have ended it meanwhile. Never waits. */
bool connection_is_quiet(struct connection *connection);
bool connection_in_transaction(const struct connection *connection);

enum store_outcome connection_run(struct connection *connection, const struct statement *statement,
                                  const char *const *values, struct rows **rows,
                                  struct store_fault *fault);
/* A command without parameters or rows: begin, rollback. */
enum store_outcome connection_command(struct connection *connection, const char *command);
/* STORE_REFUSED: the server turned it into a rollback. STORE_UNAVAILABLE: nobody knows whether it
 * is done, or whether the standbys that it has to wait for have it. */
enum store_outcome connection_commit(struct connection *connection);

#endif
