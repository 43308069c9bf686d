/* ets144 import FILE: POST /v1/imports from a shell. */
#include "api/file/action_file.h"
#include "api/query/database_error.h"
#include "auth/token.h"
#include "base/memory.h"
#include "commands/admin.h"
#include "commands/commands.h"
#include "http/message/problem.h"
#include "statements.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import_words {
    const char *file; /* -: standard input */
    const char *author;
    bool dry_run;
};

struct file_bytes {
    char *bytes; /* free() */
    size_t length;
};

static bool read_words(int count, char **words, struct import_words *read)
{
    static const struct option options[] = {{"author", required_argument, NULL, 'a'},
                                            {"dry-run", no_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    /* There is one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (int letter = 0; (letter = getopt_long(count, words, "", options, NULL)) != -1;) {
        if (letter == 'a') {
            read->author = optarg;
        } else if (letter == 'd') {
            read->dry_run = true;
        } else {
            return false;
        }
    }
    if (optind + 1 != count) {
        (void)fputs("ets144: import takes one file, or - for the standard input.\n", stderr);
        return false;
    }
    read->file = words[optind];
    if (read->author == NULL || read->author[0] == '\0' || strlen(read->author) > 64) {
        (void)fputs(
            "ets144: import needs --author NAME, up to 64 bytes, which each action records.\n",
            stderr);
        return false;
    }
    return true;
}

/* False: a sentence is on stderr. */
static bool read_file(const char *name, size_t most_bytes, struct file_bytes *read)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    if (file == NULL) {
        (void)fprintf(stderr, "ets144: %s cannot be read: %s.\n", name, strerrordesc_np(errno));
        return false;
    }
    read->bytes = memory_allocate(most_bytes + 1);
    read->length = fread(read->bytes, 1, most_bytes + 1, file);
    bool good = ferror(file) == 0 && read->length <= most_bytes;
    if (!good) {
        (void)fprintf(stderr,
                      read->length > most_bytes
                          ? "ets144: %s is larger than ETS144_MAX_FILE_BYTES.\n"
                          : "ets144: %s cannot be read.\n",
                      name);
    }
    if (file != stdin) {
        (void)fclose(file);
    }
    return good;
}

/* NDJSON begins with a brace, which no column name contains. */
static enum action_file_form syntax_of(const struct file_bytes *file)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t at = file->length >= 3 && memcmp(file->bytes, mark, 3) == 0 ? 3 : 0;
    while (at < file->length && strchr(" \t\r\n", file->bytes[at]) != NULL) {
        at++;
    }
    return at < file->length && file->bytes[at] == '{' ? ACTION_FILE_NDJSON : ACTION_FILE_CSV;
}

/* A line for each fault: FILE:LINE:COLUMN: sentence. */
static void print_faults(const char *name, const struct exchange *exchange)
{
    size_t index = 0;
    const json_t *fault = NULL;
    json_array_foreach(exchange->faults, index, fault) {
        (void)fprintf(stderr, "%s:", name);
        const json_t *line = json_object_get(fault, "line");
        if (line != NULL) {
            (void)fprintf(stderr, "%lld:", (long long)json_integer_value(line));
        }
        const char *column = json_string_value(json_object_get(fault, "column"));
        const char *pointer = json_string_value(json_object_get(fault, "pointer"));
        if (column != NULL || pointer != NULL) {
            (void)fprintf(stderr, "%s:", column != NULL ? column : pointer);
        }
        (void)fprintf(stderr, " %s\n", json_string_value(json_object_get(fault, "detail")));
    }
    if (exchange->fault_count > json_array_size(exchange->faults)) {
        (void)fprintf(stderr, "%s: %zu faults; these are the first.\n", name,
                      exchange->fault_count);
    }
}

/* Faults of the file's rows. */
#define ROWS_REFUSED "T6001"

static const char *value_of(const void *exchange, const char *name)
{
    return exchange_value(exchange, name);
}

/* Runs a statement with the exchange's values. NULL: the faults of the rows are in the exchange, or
 * a sentence is on stderr. */
static struct rows *run(struct exchange *exchange, struct session *session,
                        const struct statement *statement)
{
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    enum store_outcome outcome =
        session_run(session, statement,
                    statement_bind(exchange->arena, statement, value_of, exchange), &rows, &fault);
    if (outcome == STORE_REFUSED && strcmp(fault.sqlstate, ROWS_REFUSED) == 0) {
        database_error_refused(exchange, &fault);
    } else if (outcome != STORE_DONE) {
        admin_complain(fault.message);
    }
    store_fault_clear(&fault);
    return rows;
}

/* On stdout a line for each row: LINE, REFERENCE, recorded or unchanged. On stderr the totals. */
static void print_report(const struct import_words *words, const struct rows *report)
{
    json_t *items = json_loads(rows_named(report, 0, "items"), 0, NULL);
    size_t index = 0;
    const json_t *item = NULL;
    json_array_foreach(items, index, item) {
        (void)printf("%lld\t%s\t%s\n", (long long)json_integer_value(json_object_get(item, "line")),
                     json_string_value(json_object_get(item, "action")),
                     json_is_true(json_object_get(item, "recorded")) ? "recorded" : "unchanged");
    }
    json_decref(items);
    const char *revision = rows_named(report, 0, "revision");
    (void)fprintf(stderr, "%s rows, %s recorded, %s unchanged; %s%s%s\n",
                  rows_named(report, 0, "rows"), rows_named(report, 0, "recorded"),
                  rows_named(report, 0, "unchanged"), words->dry_run ? "nothing was imported" : "",
                  !words->dry_run && revision != NULL ? "revision " : "",
                  words->dry_run     ? "."
                  : revision != NULL ? revision
                                     : "no new revision.");
}

/* Records the rows in the open transaction and reads the report; NULL: refused. */
static struct rows *record(struct exchange *exchange, struct session *session,
                           const struct import_words *words)
{
    char *document = json_dumps(exchange->body, JSON_COMPACT);
    exchange_set_argument(exchange, "document", document);
    exchange_set_argument(exchange, "author", words->author);
    struct rows *written = run(exchange, session, &statement_import_by_admin);
    exchange_set_argument(exchange, "document", NULL);
    free(document);
    if (written == NULL) {
        return NULL;
    }
    exchange_set_argument(exchange, "reference",
                          arena_copy_text(exchange->arena, rows_named(written, 0, "reference")));
    rows_free(written);
    return run(exchange, session, &statement_imports);
}

static bool import(struct exchange *exchange, struct session *session,
                   const struct import_words *words)
{
    if (session_begin(session) != STORE_DONE) {
        admin_complain(NULL);
        return false;
    }
    struct rows *report = record(exchange, session, words);
    if (report == NULL) {
        return false;
    }
    bool done = words->dry_run || session_commit(session) == STORE_DONE;
    if (done) {
        print_report(words, report);
    } else {
        admin_complain("the connection broke during the commit; whether it imported is not known");
    }
    rows_free(report);
    return done;
}

static bool import_into(const struct config *config, struct exchange *exchange,
                        const struct import_words *words)
{
    struct admin *admin = admin_open(config, (int)config->import_timeout_ms);
    if (admin == NULL) {
        return false;
    }
    bool done = import(exchange, admin_session(admin), words);
    admin_close(admin);
    return done;
}

int command_import(const struct config *config, int count, char **words)
{
    struct import_words read = {.file = NULL};
    if (!read_words(count, words, &read)) {
        return 2;
    }
    struct file_bytes file = {.bytes = NULL};
    bool done = false;
    /* Reading a file needs the exchange's memory, language and faults only. */
    struct exchange exchange = {.arena = arena_open(), .path = "", .request_id = ""};
    if (read_file(read.file, (size_t)config->max_file_bytes, &file)) {
        char digest[TOKEN_DIGEST_SIZE];
        token_digest_bytes(file.bytes, file.length, digest);
        exchange_set_argument(&exchange, "file_digest", digest);
        exchange.body = action_file_read(&exchange, syntax_of(&file), file.bytes, file.length,
                                         config->max_file_rows);
        done = exchange.body != NULL && import_into(config, &exchange, &read);
        print_faults(read.file, &exchange);
    }
    exchange_end(&exchange);
    free(file.bytes);
    return done ? 0 : 1;
}
