/* ets144 check: audits the whole history and prints a line for each finding.
 *
 * The audit is made of functions in the database. So first every object of the database is compared
 * with schema_objects.tsv, which is compiled in: the owner of the database can replace a guard or
 * the audit itself, but not that list. */
#include "base/clock.h"
#include "base/embed.h"
#include "base/memory.h"
#include "commands/admin.h"
#include "commands/commands.h"
#include "statements.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

EMBED(schema_objects, "commands/schema_objects.tsv");

enum {
    STATEMENT_TIMEOUT_MS = 24 * 60 * 60 * 1000, /* one revision may have changed 10,000 days */
    REVISIONS_PER_STATEMENT = 100,
    PROGRESS_INTERVAL_MS = 5000,
    MAX_HEADS = 16,
    DIGEST_LENGTH = 64
};

/* A revision and its digest, noted earlier. */
struct chain_head {
    char revision[24];
    const char *digest;
};

struct audit {
    struct admin *admin;
    struct arena *arena;
    long findings;
    long long next_progress_ms; /* by clock_milliseconds(); no line on progress comes before */
};

/* An object of the database; digest: of its definition. */
struct object {
    const char *kind;
    const char *name;
    const char *digest;
};

static void print_finding(struct audit *audit, const char *finding, const char *subject,
                          const char *reference, const char *detail)
{
    (void)printf("%s\t%s\t%s\t%s\n", finding, subject, reference, detail);
    audit->findings++;
}

/* Prints the findings of a statement; false: it failed. */
static bool run_statement(struct audit *audit, const struct statement *statement,
                          const char *const *values)
{
    struct rows *rows = admin_run(audit->admin, statement, values, NULL);
    if (rows == NULL) {
        return false;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        print_finding(audit, rows_named(rows, row, "finding"), rows_named(rows, row, "subject"),
                      rows_named(rows, row, "reference"), rows_named(rows, row, "detail"));
    }
    rows_free(rows);
    return true;
}

/* --- The objects of the database ------------------------------------------------------------- */

/* Takes the next line off the list; at its end all members are NULL. */
static struct object next_expected(char **list)
{
    char *line = strsep(list, "\n");
    struct object object = {.kind = NULL};
    if (line != NULL && line[0] != '\0') {
        object.kind = strsep(&line, "\t");
        object.name = strsep(&line, "\t");
        object.digest = line;
    }
    return object;
}

static struct object present_at(const struct rows *rows, int row)
{
    struct object object = {.kind = NULL};
    if (row < rows_count(rows)) {
        object.kind = rows_named(rows, row, "kind");
        object.name = rows_named(rows, row, "object");
        object.digest = rows_named(rows, row, "digest");
    }
    return object;
}

/* Both lists are sorted by the bytes of kind and name; the end of a list comes last. */
static int compare_objects(const struct object *one, const struct object *other)
{
    if (one->kind == NULL || other->kind == NULL) {
        return (one->kind == NULL) - (other->kind == NULL);
    }
    int kinds = strcmp(one->kind, other->kind);
    return kinds != 0 ? kinds : strcmp(one->name, other->name);
}

static void compare_lists(struct audit *audit, char *list, const struct rows *rows)
{
    int row = 0;
    struct object expected = next_expected(&list);
    struct object present = present_at(rows, row);
    while (expected.kind != NULL || present.kind != NULL) {
        int order = compare_objects(&expected, &present);
        if (order < 0) {
            print_finding(audit, "object_missing", expected.kind, expected.name,
                          "the database does not have it");
        } else if (order > 0) {
            print_finding(audit, "object_unexpected", present.kind, present.name,
                          "the schema does not have it");
        } else if (strcmp(expected.digest, present.digest) != 0) {
            print_finding(audit, "object_differs", present.kind, present.name,
                          "it is not as the schema defines it");
        }
        if (order <= 0) {
            expected = next_expected(&list);
        }
        if (order >= 0) {
            present = present_at(rows, ++row);
        }
    }
}

/* Whether the database has the schema that the list is of; if not, a sentence says so. */
static bool schema_is_ours(struct audit *audit)
{
    struct rows *rows = admin_run(audit->admin, &statement_schema_version, NULL, NULL);
    if (rows == NULL) {
        return false;
    }
    const char *version = rows_named(rows, 0, "version");
    bool ours = version != NULL && strcmp(version, ETS144_SCHEMA) == 0;
    if (!ours) {
        admin_complain(arena_print(audit->arena,
                                   "the schema is \"%s\", and this build checks \"%s\"; use the "
                                   "build that was made for that schema",
                                   version != NULL ? version : "", ETS144_SCHEMA));
    }
    rows_free(rows);
    return ours;
}

static bool check_objects(struct audit *audit)
{
    struct rows *rows = admin_run(audit->admin, &statement_schema_objects, NULL, NULL);
    if (rows == NULL) {
        return false;
    }
    compare_lists(audit, arena_copy(audit->arena, schema_objects, schema_objects_length), rows);
    rows_free(rows);
    return true;
}

/* --- The history ----------------------------------------------------------------------------- */

/* Prints how far the check is, at most every five seconds; a short history needs no such line. */
static void print_progress(struct audit *audit, long long revision, long long newest)
{
    const long long now_ms = clock_milliseconds();
    if (newest < REVISIONS_PER_STATEMENT || now_ms < audit->next_progress_ms) {
        return;
    }
    audit->next_progress_ms = now_ms + PROGRESS_INTERVAL_MS;
    (void)fprintf(stderr, "ets144: checking revision %lld of %lld.\n", revision, newest);
}

/* Recomputes a hundred revisions per statement, so that no statement takes long. */
static bool check_revisions(struct audit *audit, long long newest)
{
    static const struct statement *const statements[] = {
        &statement_audit_chain, &statement_audit_entries, &statement_audit_published};
    for (long long first = 0; first <= newest; first += REVISIONS_PER_STATEMENT) {
        print_progress(audit, first, newest);
        const char *const values[] = {
            arena_print(audit->arena, "%lld", first),
            arena_print(audit->arena, "%lld", first + REVISIONS_PER_STATEMENT - 1)};
        for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
            if (!run_statement(audit, statements[i], values)) {
                return false;
            }
        }
    }
    return true;
}

static bool check_head(struct audit *audit, const struct chain_head *head)
{
    const char *const values[] = {head->revision};
    struct rows *rows = admin_run(audit->admin, &statement_revision_digest, values, NULL);
    if (rows == NULL) {
        return false;
    }
    if (rows_count(rows) == 0) {
        print_finding(audit, "head_missing", "register.revision_digest", head->revision,
                      "the revision that was kept is not there");
    } else if (strcmp(rows_named(rows, 0, "digest"), head->digest) != 0) {
        print_finding(audit, "head_differs", "register.revision_digest", head->revision,
                      arena_print(audit->arena, "%s was kept; the register has %s", head->digest,
                                  rows_named(rows, 0, "digest")));
    }
    rows_free(rows);
    return true;
}

/* Each statement by itself looks at the whole history. */
static bool check_whole(struct audit *audit)
{
    return run_statement(audit, &statement_audit, NULL) &&
           run_statement(audit, &statement_audit_internal_chain, NULL) &&
           run_statement(audit, &statement_audit_tokens, NULL) &&
           run_statement(audit, &statement_audit_proposals, NULL);
}

/* Begins the snapshot that all statements see, compares the objects, and then asks the functions of
 * the database how far the history goes. NULL: it failed. The caller frees the rows. */
static struct rows *begin(struct audit *audit)
{
    if (!admin_snapshot(audit->admin)) {
        return NULL;
    }
    struct rows *path = admin_run(audit->admin, &statement_audit_search_path, NULL, NULL);
    bool begun = path != NULL && schema_is_ours(audit) && check_objects(audit);
    rows_free(path);
    return begun ? admin_run(audit->admin, &statement_audit_extent, NULL, NULL) : NULL;
}

/* 0: no findings; 1: some; 2: it could not check. */
static int check(struct audit *audit, const struct chain_head *heads)
{
    struct rows *extent = begin(audit);
    if (extent == NULL) {
        return 2;
    }
    const char *newest = arena_copy_text(audit->arena, rows_named(extent, 0, "revision"));
    const char *versions = arena_copy_text(audit->arena, rows_named(extent, 0, "versions"));
    const char *digest = arena_copy_text(audit->arena, rows_named(extent, 0, "digest"));
    rows_free(extent);
    bool checked = check_whole(audit) && check_revisions(audit, strtoll(newest, NULL, 10));
    for (; checked && heads->digest != NULL; heads++) {
        checked = check_head(audit, heads);
    }
    if (!checked) {
        return 2;
    }
    (void)fprintf(stderr, "ets144: %s versions, up to revision %s: %ld findings.\n", versions,
                  newest, audit->findings);
    if (digest != NULL) {
        (void)fprintf(stderr, "ets144: keep this for later: check --head %s:%s\n", newest, digest);
    }
    return audit->findings == 0 ? 0 : 1;
}

/* --- The words of the command ---------------------------------------------------------------- */

static bool read_head(const char *word, struct chain_head *head)
{
    size_t length = strspn(word, "0123456789");
    const char *digest = word + length + 1;
    if (length == 0 || length >= 19 || word[length] != ':' || strlen(digest) != DIGEST_LENGTH ||
        strspn(digest, "0123456789abcdef") != DIGEST_LENGTH) {
        (void)fprintf(stderr,
                      "ets144: \"%s\" is not a revision and its digest (NUMBER:DIGEST, the digest "
                      "as 64 hexadecimal digits).\n",
                      word);
        return false;
    }
    (void)snprintf(head->revision, sizeof head->revision, "%.*s", (int)length, word);
    head->digest = digest;
    return true;
}

/* The list ends with a head without a digest. */
static bool read_words(int count, char **words, struct chain_head heads[MAX_HEADS + 1])
{
    static const struct option options[] = {{"head", required_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    size_t found = 0;
    /* There is one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (int letter = 0; (letter = getopt_long(count, words, "", options, NULL)) != -1;) {
        if (letter != 'h' || !read_head(optarg, &heads[found++])) {
            return false;
        }
        if (found == MAX_HEADS) {
            break;
        }
    }
    if (optind < count) {
        (void)fprintf(stderr, "ets144: \"%s\" is not expected here.\n", words[optind]);
        return false;
    }
    return true;
}

int command_check(const struct config *config, int count, char **words)
{
    struct chain_head heads[MAX_HEADS + 1] = {{.digest = NULL}};
    if (!read_words(count, words, heads)) {
        return 2;
    }
    struct audit audit = {.admin = admin_open(config, STATEMENT_TIMEOUT_MS)};
    if (audit.admin == NULL) {
        return 2;
    }
    audit.arena = arena_open();
    int status = check(&audit, heads);
    arena_close(audit.arena);
    admin_close(audit.admin);
    return status;
}
