/* ets144 check: audits the whole history and prints a line for each finding. */
#include "base/memory.h"
#include "commands/admin.h"
#include "commands/commands.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STATEMENT_TIMEOUT_MS = 24 * 60 * 60 * 1000, /* one revision may have changed 10,000 days */
    REVISIONS_PER_STATEMENT = 100
};

/* Prints and counts the findings of a statement; -1: it failed. */
static long print_findings(struct admin *admin, const struct statement *statement,
                           const char *const *values)
{
    struct rows *rows = admin_run(admin, statement, values, NULL);
    if (rows == NULL) {
        return -1;
    }
    int count = rows_count(rows);
    for (int row = 0; row < count; row++) {
        (void)printf("%s\t%s\t%s\t%s\n", rows_named(rows, row, "finding"),
                     rows_named(rows, row, "subject"), rows_named(rows, row, "reference"),
                     rows_named(rows, row, "detail"));
    }
    rows_free(rows);
    return count;
}

/* Recomputes what each revision published, in portions, so that no statement takes long. -1: a
 * statement failed. */
static long check_published(struct admin *admin, struct arena *arena, long long newest)
{
    long found = 0;
    for (long long first = 0; first <= newest; first += REVISIONS_PER_STATEMENT) {
        const char *const values[] = {
            arena_print(arena, "%lld", first),
            arena_print(arena, "%lld", first + REVISIONS_PER_STATEMENT - 1)};
        long more = print_findings(admin, &statement_audit_published, values);
        if (more < 0) {
            return -1;
        }
        found += more;
    }
    return found;
}

static int check(struct admin *admin, struct arena *arena)
{
    struct rows *extent =
        admin_snapshot(admin) ? admin_run(admin, &statement_audit_extent, NULL, NULL) : NULL;
    if (extent == NULL) {
        return 2;
    }
    const char *newest = arena_copy_text(arena, rows_named(extent, 0, "revision"));
    const char *versions = arena_copy_text(arena, rows_named(extent, 0, "versions"));
    rows_free(extent);

    long faults = print_findings(admin, &statement_audit, NULL);
    long differences = faults >= 0 ? check_published(admin, arena, strtoll(newest, NULL, 10)) : -1;
    if (differences < 0) {
        return 2;
    }
    (void)fprintf(stderr, "ets144: %s versions, up to revision %s: %ld findings.\n", versions,
                  newest, faults + differences);
    return faults + differences == 0 ? 0 : 1;
}

int command_check(const struct config *config, int count, char **words)
{
    (void)count;
    (void)words;
    struct admin *admin = admin_open(config, STATEMENT_TIMEOUT_MS);
    if (admin == NULL) {
        return 2;
    }
    struct arena *arena = arena_open();
    int status = check(admin, arena);
    arena_close(arena);
    admin_close(admin);
    return status;
}
