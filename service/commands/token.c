/* ets144 token create | rotate | list | revoke */
#include "auth/token.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/syntax.h"
#include "commands/admin.h"
#include "commands/commands.h"
#include "render/json.h"
#include "statements.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token_words {
    const char *name;
    const char *expires;
    const char *scopes; /* separated by commas */
    const char *grace;  /* seconds */
    bool first;         /* only if there is no token yet */
};

static bool is_scope(const char *word)
{
    for (int i = 0; token_scopes[i] != NULL; i++) {
        if (strcmp(token_scopes[i], word) == 0) {
            return true;
        }
    }
    (void)fprintf(stderr, "ets144: \"%s\" is not a scope; there are:", word);
    for (int i = 0; token_scopes[i] != NULL; i++) {
        (void)fprintf(stderr, " %s", token_scopes[i]);
    }
    (void)fputs(".\n", stderr);
    return false;
}

/* A day that has not passed, in UTC. */
static bool is_expiry(const char *word)
{
    char today[CLOCK_DAY_SIZE];
    clock_write_day(clock_utc_day(), today);
    if (!syntax_is_date(word)) {
        (void)fprintf(stderr, "ets144: \"%s\" is not a date (YYYY-MM-DD).\n", word);
        return false;
    }
    if (strcmp(word, today) < 0) {
        (void)fprintf(stderr, "ets144: %s has passed; today is %s, in UTC.\n", word, today);
        return false;
    }
    return true;
}

/* A number of seconds. */
static bool is_grace(const char *word)
{
    enum { MAX_GRACE_SECONDS = 30 * SECONDS_PER_DAY, MAX_DIGITS = 7 };
    size_t digits = strspn(word, "0123456789");
    if (digits > 0 && digits <= MAX_DIGITS && word[digits] == '\0' &&
        strtol(word, NULL, 10) <= MAX_GRACE_SECONDS) {
        return true;
    }
    (void)fprintf(stderr, "ets144: \"%s\" is not a number of seconds from 0 to %d.\n", word,
                  MAX_GRACE_SECONDS);
    return false;
}

/* The characters of a text in UTF-8. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

/* The table service.access_token has the whole rule; here is what people get wrong. */
static bool is_name(const char *word)
{
    enum { MAX_NAME = 64 };
    bool good = syntax_is_utf8(word, strlen(word)) && word[0] != '\0' && word[0] != ' ' &&
                word[strlen(word) - 1] != ' ' && count_characters(word) <= MAX_NAME;
    for (const char *at = word; *at != '\0'; at++) {
        good = good && (unsigned char)*at >= ' ' && *at != 0x7f && *at != '#';
    }
    if (!good) {
        (void)fputs(
            "ets144: a name has 1 to 64 characters of UTF-8, on one line, without \"#\", which "
            "marks people, and no space at its ends.\n",
            stderr);
    }
    return good;
}

static bool read_words(struct arena *arena, int count, char **words, struct token_words *read)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {"scope", required_argument, NULL, 's'},
                                            {"expires", required_argument, NULL, 'e'},
                                            {"keep-previous-for", required_argument, NULL, 'k'},
                                            {"first", no_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    /* There is one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (int letter = 0; (letter = getopt_long(count, words, "", options, NULL)) != -1;) {
        if (letter == 'n') {
            read->name = optarg;
        } else if (letter == 's' && is_scope(optarg)) {
            read->scopes =
                read->scopes == NULL ? optarg : arena_print(arena, "%s,%s", read->scopes, optarg);
        } else if (letter == 'e' && optarg != NULL && is_expiry(optarg)) {
            read->expires = optarg;
        } else if (letter == 'k' && optarg != NULL && is_grace(optarg)) {
            read->grace = optarg;
        } else if (letter == 'f') {
            read->first = true;
        } else {
            return false;
        }
    }
    if (optind < count) {
        (void)fprintf(stderr, "ets144: \"%s\" is not expected here.\n", words[optind]);
        return false;
    }
    return true;
}

/* -1: the database failed. */
static int token_count(struct admin *admin)
{
    struct rows *rows = admin_run(admin, &statement_token_list, NULL, NULL);
    int count = rows != NULL ? rows_count(rows) : -1;
    rows_free(rows);
    return count;
}

/* Makes a token and its digest; false: a sentence is on stderr. */
static bool make(char token[TOKEN_SIZE], char digest[TOKEN_DIGEST_SIZE])
{
    if (!token_make(token)) {
        (void)fputs("ets144: the random generator of the system failed.\n", stderr);
        return false;
    }
    token_digest(token, digest);
    return true;
}

static void print_once(const char *token)
{
    (void)printf("%s\n", token);
    (void)fputs("The token is shown only now; the register stores its digest.\n", stderr);
}

static int create(struct admin *admin, struct arena *arena, const struct token_words *words)
{
    char token[TOKEN_SIZE];
    char digest[TOKEN_DIGEST_SIZE];
    if (words->name == NULL || words->scopes == NULL) {
        (void)fputs("ets144: token create needs --name and at least one --scope.\n", stderr);
        return 2;
    }
    if (!is_name(words->name)) {
        return 2;
    }
    int present = words->first ? token_count(admin) : 0;
    if (present != 0) {
        return present < 0 ? 1 : 0;
    }
    if (!make(token, digest)) {
        return 1;
    }
    const struct named_value values[] = {{"name", words->name},
                                         {"digest", digest},
                                         {"scopes", words->scopes},
                                         {"expires_on", words->expires},
                                         {.name = NULL}};
    struct rows *rows =
        admin_run(admin, &statement_token_create,
                  statement_bind(arena, &statement_token_create, named_value, values),
                  "a token of that name exists, or existed");
    if (rows == NULL) {
        return 1;
    }
    rows_free(rows);
    print_once(token);
    return 0;
}

static int list(struct admin *admin, struct arena *arena)
{
    struct rows *rows = admin_run(admin, &statement_token_list, NULL, NULL);
    if (rows == NULL) {
        return 1;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        const char *expires = rows_named(rows, row, "expires_at");
        const char *revoked = rows_named(rows, row, "revoked_at");
        const char *used = rows_named(rows, row, "used_at");
        (void)printf("%s\t%s\tcreated %s\t%s%s\t%s%s\t%s%s\n", rows_named(rows, row, "name"),
                     rows_named(rows, row, "scopes"),
                     render_time(arena, rows_named(rows, row, "created_at")),
                     expires != NULL ? "expires " : "does not expire",
                     expires != NULL ? render_time(arena, expires) : "",
                     revoked != NULL ? "revoked " : "not revoked",
                     revoked != NULL ? render_time(arena, revoked) : "",
                     used != NULL ? "used " : "not used",
                     used != NULL ? render_time(arena, used) : "");
    }
    rows_free(rows);
    return 0;
}

static int complain_of_name(const char *name)
{
    (void)fprintf(stderr, "ets144: there is no valid token named \"%s\".\n", name);
    return 1;
}

static int complain_of_end(const char *name)
{
    (void)fprintf(
        stderr,
        "ets144: the token \"%s\" has expired or is revoked; to make a new token under its "
        "name, give the day on which that ends by --expires.\n",
        name);
    return 1;
}

/* The new token has the name, and so all that belongs to it. */
static int rotate(struct admin *admin, struct arena *arena, const struct token_words *words)
{
    char token[TOKEN_SIZE];
    char digest[TOKEN_DIGEST_SIZE];
    if (words->name == NULL) {
        (void)fputs("ets144: token rotate needs --name.\n", stderr);
        return 2;
    }
    if (!make(token, digest)) {
        return 1;
    }
    const struct named_value values[] = {{"name", words->name},
                                         {"digest", digest},
                                         {"grace_seconds", words->grace},
                                         {"expires_on", words->expires},
                                         {.name = NULL}};
    struct rows *rows =
        admin_run(admin, &statement_token_rotate,
                  statement_bind(arena, &statement_token_rotate, named_value, values), NULL);
    if (rows == NULL) {
        return 1;
    }
    bool rotated = strcmp(rows_named(rows, 0, "outcome"), "rotated") == 0;
    bool ended = strcmp(rows_named(rows, 0, "outcome"), "ended") == 0;
    rows_free(rows);
    if (!rotated) {
        return ended ? complain_of_end(words->name) : complain_of_name(words->name);
    }
    print_once(token);
    return 0;
}

static int revoke(struct admin *admin, const struct token_words *words)
{
    if (words->name == NULL) {
        (void)fputs("ets144: token revoke needs --name.\n", stderr);
        return 2;
    }
    struct rows *rows = admin_run(admin, &statement_token_revoke, &words->name, NULL);
    if (rows == NULL) {
        return 1;
    }
    bool revoked = rows_true(rows, 0, "revoked");
    rows_free(rows);
    return revoked ? 0 : complain_of_name(words->name);
}

static int run(struct admin *admin, struct arena *arena, const char *verb,
               const struct token_words *words)
{
    bool rotates = strcmp(verb, "rotate") == 0;
    if (words->grace != NULL && !rotates) {
        (void)fputs("ets144: --keep-previous-for is for token rotate.\n", stderr);
        return 2;
    }
    if (strcmp(verb, "create") == 0) {
        return create(admin, arena, words);
    }
    if (words->scopes != NULL || words->first || (words->expires != NULL && !rotates)) {
        (void)fprintf(stderr, "ets144: token %s takes --name%s.\n", verb,
                      rotates ? ", --keep-previous-for and --expires" : " only");
        return 2;
    }
    if (rotates) {
        return rotate(admin, arena, words);
    }
    if (strcmp(verb, "list") == 0) {
        return list(admin, arena);
    }
    if (strcmp(verb, "revoke") == 0) {
        return revoke(admin, words);
    }
    (void)fputs("ets144: token takes create, rotate, list or revoke.\n", stderr);
    return 2;
}

int command_token(const struct config *config, int count, char **words)
{
    enum { STATEMENT_TIMEOUT_MS = 5000 };
    struct token_words read = {.name = NULL};
    struct arena *arena = arena_open();
    if (!read_words(arena, count - 1, words + 1, &read)) {
        arena_close(arena);
        return 2;
    }
    struct admin *admin = admin_open(config, STATEMENT_TIMEOUT_MS);
    int status = 1;
    if (admin != NULL) {
        status = run(admin, arena, words[1], &read);
        admin_close(admin);
    }
    arena_close(arena);
    return status;
}
