/* ets144 import FILE: what POST /v1/imports does, from a shell. */
#include "api/file/action_file.h"
#include "api/query/database_error.h"
#include "auth/token.h"
#include "base/log.h"
#include "base/memory.h"
#include "commands/commands.h"
#include "http/message/problem.h"
#include "statements.h"
#include "store/pool.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import_words {
    const char *file; /* - is the standard input */
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
    /* One thread reads the words. NOLINTNEXTLINE(concurrency-mt-unsafe) */
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
        (void)fputs("ets144: import needs --author NAME, of up to 64 bytes: it stands with each "
                    "action.\n",
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

/* NDJSON begins with a brace, and no header of columns does. */
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

/* Runs a statement with the exchange's values; NULL: what the database said is among the faults, or
 * it did not answer, and a sentence is on stderr. */
static struct rows *ask(struct exchange *exchange, struct session *session,
                        const struct statement *statement)
{
    const char **values =
        arena_allocate(exchange->arena, ((size_t)statement->parameter_count + 1) * sizeof *values);
    for (int i = 0; i < statement->parameter_count; i++) {
        values[i] = exchange_value(exchange, statement->parameters[i]);
    }
    struct rows *rows = NULL;
    struct store_fault fault = {.constraint = NULL};
    enum store_outcome outcome = session_run(session, statement, values, &rows, &fault);
    if (outcome == STORE_REFUSED && strcmp(fault.sqlstate, "T6001") == 0) {
        database_error_refused(exchange, &fault);
    } else if (outcome != STORE_DONE) {
        (void)fprintf(stderr, "ets144: %s.\n",
                      fault.message != NULL ? fault.message : "the database does not answer");
    }
    store_fault_clear(&fault);
    return rows;
}

/* A line for each row, LINE, REFERENCE and what became of it, and on stderr how many. */
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

/* Enters the rows in the open transaction and reads the report back; NULL: it is refused. */
static struct rows *enter(struct exchange *exchange, struct session *session,
                          const struct import_words *words)
{
    char *document = json_dumps(exchange->body, JSON_COMPACT);
    exchange_set_argument(exchange, "document", document);
    exchange->caller.name = words->author;
    struct rows *written = ask(exchange, session, &statement_import_record);
    exchange_set_argument(exchange, "document", NULL);
    free(document);
    if (written == NULL) {
        return NULL;
    }
    exchange_set_argument(exchange, "reference",
                          arena_copy_text(exchange->arena, rows_named(written, 0, "reference")));
    rows_free(written);
    return ask(exchange, session, &statement_imports);
}

static bool import(struct exchange *exchange, struct session *session,
                   const struct import_words *words, int timeout)
{
    if (session_begin(session) != STORE_DONE || session_allow(session, timeout) != STORE_DONE) {
        (void)fputs("ets144: the database does not answer.\n", stderr);
        return false;
    }
    struct rows *report = enter(exchange, session, words);
    if (report == NULL) {
        return false;
    }
    bool done = words->dry_run || session_commit(session) == STORE_DONE;
    if (done) {
        print_report(words, report);
    } else {
        (void)fputs("ets144: the database went away; whether it imported is not known.\n", stderr);
    }
    rows_free(report);
    return done;
}

static bool import_into(const struct config *config, struct exchange *exchange,
                        const struct import_words *words)
{
    enum { CONNECT_TIMEOUT_MS = 5000 };
    const struct database_settings settings = {.url = config->admin_database_url,
                                               .pool_size = 1,
                                               .checkout_timeout_ms = CONNECT_TIMEOUT_MS,
                                               .statement_timeout_ms = CONNECT_TIMEOUT_MS,
                                               .pooled = config->pooled};
    struct pool *store = pool_open(&settings);
    char error[256];
    bool done = false;
    if (pool_wait(store, CONNECT_TIMEOUT_MS, error, (int)sizeof error)) {
        struct session *session = pool_checkout(store);
        done = session != NULL && import(exchange, session, words, (int)config->import_timeout_ms);
        pool_checkin(session);
    } else {
        (void)fprintf(stderr, "ets144: the database does not answer: %s.\n", error);
    }
    pool_close(store);
    return done;
}

int command_import(const struct config *config, int count, char **words)
{
    struct import_words read = {.file = NULL};
    if (!read_words(count, words, &read)) {
        return 2;
    }
    log_open(LOG_LEVEL_ERROR);
    struct file_bytes file = {.bytes = NULL};
    bool done = false;
    /* Of an exchange only what the reading of a file needs: its memory, language and faults. */
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
