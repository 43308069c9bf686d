#include "commands/admin.h"

#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIQUE_VIOLATION "23505"
enum { CONNECT_TIMEOUT_MS = 5000 };

struct admin {
    struct pool *pool;
    struct session *session;
};

struct admin *admin_open(const struct config *config, int statement_timeout_ms)
{
    log_open(LOG_LEVEL_ERROR);
    const struct database_settings settings = {.name = "admin",
                                               .url = config->admin_database_url,
                                               .pool_size = 1,
                                               .checkout_timeout_ms = CONNECT_TIMEOUT_MS,
                                               .statement_timeout_ms = statement_timeout_ms,
                                               .pooled = config->pooled};
    struct admin *admin = memory_allocate(sizeof *admin);
    admin->pool = pool_open(&settings);
    char error[256];
    if (pool_wait(admin->pool, CONNECT_TIMEOUT_MS, error, (int)sizeof error)) {
        admin->session = pool_checkout(admin->pool);
    }
    if (admin->session == NULL) {
        (void)fprintf(stderr, "ets144: the database does not answer: %s.\n", error);
        admin_close(admin);
        return NULL;
    }
    return admin;
}

void admin_close(struct admin *admin)
{
    pool_checkin(admin->session);
    pool_close(admin->pool);
    free(admin);
}

struct session *admin_session(struct admin *admin)
{
    return admin->session;
}

void admin_complain(const char *message)
{
    (void)fprintf(stderr, "ets144: %s.\n",
                  message != NULL ? message : "the database does not answer");
}

bool admin_snapshot(struct admin *admin)
{
    bool begun = session_begin_snapshot(admin->session) == STORE_DONE;
    if (!begun) {
        admin_complain(NULL);
    }
    return begun;
}

struct rows *admin_run(struct admin *admin, const struct statement *statement,
                       const char *const *values, const char *duplicate)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run(admin->session, statement, values, &rows, &fault) != STORE_DONE) {
        bool is_duplicate = duplicate != NULL && strcmp(fault.sqlstate, UNIQUE_VIOLATION) == 0;
        admin_complain(is_duplicate ? duplicate : fault.message);
        store_fault_clear(&fault);
    }
    return rows;
}
