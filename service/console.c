#include "console.h"

#include "log.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 5000 /* milliseconds for the connection */ };

struct console {
    struct store *store;
    struct session *session;
};

struct console *console_open(const struct config *config, int statement_timeout)
{
    log_open(LOG_LEVEL_ERROR);
    const struct store_settings settings = {.url = config->admin_database_url,
                                            .pool_size = 1,
                                            .checkout_timeout = PATIENCE,
                                            .statement_timeout = statement_timeout,
                                            .pooled = config->pooled};
    struct console *console = memory_allocate(sizeof *console);
    console->store = store_open(&settings);
    char error[256];
    if (store_wait(console->store, PATIENCE, error, (int)sizeof error)) {
        console->session = store_checkout(console->store);
    }
    if (console->session == NULL) {
        (void)fprintf(stderr, "ets144: the database does not answer: %s.\n", error);
        console_close(console);
        return NULL;
    }
    return console;
}

void console_close(struct console *console)
{
    store_checkin(console->session);
    store_close(console->store);
    free(console);
}

bool console_hold_moment(struct console *console)
{
    if (session_begin_snapshot(console->session) != STORE_DONE) {
        (void)fputs("ets144: the database does not answer.\n", stderr);
        return false;
    }
    return true;
}

struct rows *console_ask(struct console *console, const struct statement *statement,
                         const char *const *values, const char *taken)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    if (session_run(console->session, statement, values, &rows, &fault) != STORE_DONE) {
        bool is_taken = taken != NULL && strcmp(fault.sqlstate, "23505") == 0;
        (void)fprintf(stderr, "ets144: %s.\n",
                      is_taken                ? taken
                      : fault.message != NULL ? fault.message
                                              : "the database does not answer");
        store_fault_clear(&fault);
    }
    return rows;
}
