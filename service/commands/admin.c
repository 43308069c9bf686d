#include "commands/admin.h"

#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 5000 /* milliseconds for the connection */ };

struct admin {
    struct pool *store;
    struct session *session;
};

struct admin *admin_open(const struct config *config, int statement_timeout_ms)
{
    log_open(LOG_LEVEL_ERROR);
    const struct database_settings settings = {.url = config->admin_database_url,
                                               .pool_size = 1,
                                               .checkout_timeout_ms = CONNECT_TIMEOUT_MS,
                                               .statement_timeout_ms = statement_timeout_ms,
                                               .pooled = config->pooled};
    struct admin *admin = memory_allocate(sizeof *admin);
    admin->store = pool_open(&settings);
    char error[256];
    if (pool_wait(admin->store, CONNECT_TIMEOUT_MS, error, (int)sizeof error)) {
        admin->session = pool_checkout(admin->store);
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
    pool_close(admin->store);
    free(admin);
}

bool admin_snapshot(struct admin *admin)
{
    if (session_begin_snapshot(admin->session) != STORE_DONE) {
        (void)fputs("ets144: the database does not answer.\n", stderr);
        return false;
    }
    return true;
}

struct rows *admin_ask(struct admin *admin, const struct statement *statement,
                       const char *const *values, const char *taken)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run(admin->session, statement, values, &rows, &fault) != STORE_DONE) {
        bool is_taken = taken != NULL && strcmp(fault.sqlstate, "23505") == 0;
        (void)fprintf(stderr, "ets144: %s.\n",
                      is_taken                ? taken
                      : fault.message != NULL ? fault.message
                                              : "the database does not answer");
        store_fault_clear(&fault);
    }
    return rows;
}
