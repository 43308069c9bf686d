#include "commands/help.h"

#include "commands/commands.h"
#include "config.h"

#include <stddef.h>
#include <string.h>

enum { USAGE_WIDTH = 28 };

struct command_line {
    const char *usage;
    const char *meaning;
};

static const struct command_line command_lines[] = {
    {"ets144 serve", "serve the register over HTTP"},
    {"ets144 routes", "list the routes and their scopes"},
    {"ets144 token create --name NAME --scope SCOPE... [--expires DATE] [--first]",
     "create an access token and print it once; it is valid until the end of DATE (23:59:59.999 "
     "UTC); "
     "--first: only if there is none"},
    {"ets144 token rotate --name NAME [--keep-previous-for SECONDS] [--expires DATE]",
     "replace a token under its name and print the new one once; the old one ends at once, or "
     "after "
     "SECONDS; --expires: the end of the new one, needed if the old one has ended"},
    {"ets144 token list",
     "list the tokens: names, scopes, times, and the minute of their last use"},
    {"ets144 token revoke --name NAME", "revoke a token"},
    {"ets144 import FILE --author NAME [--dry-run]",
     "record the treaty actions of a CSV or NDJSON file; -: standard input"},
    {"ets144 health [live|ready]", "ask the service on this machine; exit status 0: yes"},
    {"ets144 check [--head NUMBER:DIGEST...]",
     "verify the whole history, with a line for each finding; --head: a revision and its digest "
     "that were kept"},
    {"ets144 --help [manual|environment]",
     "print this; or as sections of a manual page; or the settings as a file to edit"},
    {"ets144 --version", "print the version of the program and of its schema"},
};
enum { COMMAND_LINE_COUNT = sizeof command_lines / sizeof command_lines[0] };

/* What the names of durations say. */
static const char units[] =
    "A setting that ends in _MS is in milliseconds; any other duration is in "
    "seconds.";

/* --- As text ------------------------------------------------------------------------------ */

void help_print(FILE *output)
{
    (void)fputs("ets144 - the register of ETS No. 144\n\n", output);
    for (size_t i = 0; i < COMMAND_LINE_COUNT; i++) {
        const struct command_line *line = &command_lines[i];
        const char *between = strlen(line->usage) < USAGE_WIDTH ? "" : "\n  ";
        (void)fprintf(output, "  %-*s%s%*s %s\n", USAGE_WIDTH, line->usage, between,
                      between[0] == '\0' ? 0 : USAGE_WIDTH, "", line->meaning);
    }
    (void)fprintf(output, "\nSettings, from the environment. %s\n\n", units);
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        (void)fprintf(
            output, "  " CONFIG_PREFIX "%-21s %s (default: %s%s)\n", setting.name, setting.meaning,
            setting.default_value[0] != '\0' ? setting.default_value : "none",
            setting.is_secret ? "; or …_FILE, a file with the value in its first line" : "");
    }
}

/* --- As sections of a manual page, man(7) ------------------------------------------------- */

/* The escape of a character that roff would interpret, or print as a different one; NULL: none. */
static const char *roff_of(char character)
{
    switch (character) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '`':
        return "\\(ga";
    case '\'':
        return "\\(aq";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

static void roff_print(FILE *output, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *roff = roff_of(*text);
        if (roff != NULL) {
            (void)fputs(roff, output);
        } else {
            (void)fputc(*text, output);
        }
    }
}

/* A paragraph under bold words. Each text begins with a letter, so roff finds no request in it. */
static void paragraph_print(FILE *output, const char *prefix, const char *words,
                            const char *meaning)
{
    (void)fprintf(output, ".TP\n\\fB%s", prefix);
    roff_print(output, words);
    (void)fputs("\\fR\n", output);
    roff_print(output, meaning);
    (void)fputc('\n', output);
}

static void manual_print(FILE *output)
{
    (void)fputs(".SH COMMANDS\n", output);
    for (size_t i = 0; i < COMMAND_LINE_COUNT; i++) {
        paragraph_print(output, "", command_lines[i].usage, command_lines[i].meaning);
    }
    (void)fputs(".SH ENVIRONMENT\n", output);
    roff_print(output, units);
    (void)fputc('\n', output);
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        paragraph_print(output, CONFIG_PREFIX, setting.name, setting.meaning);
        (void)fputs(".br\nDefault: ", output);
        roff_print(output, setting.default_value[0] != '\0' ? setting.default_value : "none");
        if (setting.is_number) {
            (void)fprintf(output, "; from %ld to %ld", setting.minimum, setting.maximum);
        }
        (void)fputc('\n', output);
        if (setting.is_secret) {
            (void)fprintf(output,
                          ".br\nOr \\fB" CONFIG_PREFIX "%s_FILE\\fR, a file with the value in "
                          "its first line\n",
                          setting.name);
        }
    }
}

/* --- As an environment file, for systemd and for a shell ---------------------------- */

/* systemd and a shell read double quotes alike. */
static void value_print(FILE *output, const char *value)
{
    if (value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "-._:/,@")] == '\0') {
        (void)fputs(value, output);
        return;
    }
    (void)fputc('"', output);
    for (; *value != '\0'; value++) {
        if (strchr("\"\\$`", *value) != NULL) {
            (void)fputc('\\', output);
        }
        (void)fputc(*value, output);
    }
    (void)fputc('"', output);
}

static void environment_print(FILE *output)
{
    (void)fprintf(output, "\n# %s\n", units);
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        (void)fprintf(output, "\n# %s\n", setting.meaning);
        if (setting.is_number) {
            (void)fprintf(output, "# From %ld to %ld.\n", setting.minimum, setting.maximum);
        }
        (void)fprintf(output, "#" CONFIG_PREFIX "%s=", setting.name);
        value_print(output, setting.default_value);
        (void)fputc('\n', output);
        if (setting.is_secret) {
            (void)fprintf(output,
                          "# Or a file with the value in its first line:\n#" CONFIG_PREFIX
                          "%s_FILE=\n",
                          setting.name);
        }
    }
}

static const struct {
    const char *name;
    void (*print)(FILE *output);
} formats[] = {{"manual", manual_print}, {"environment", environment_print}};

int command_help(int count, char **words)
{
    if (count == 0) {
        help_print(stdout);
        return 0;
    }
    for (size_t i = 0; count == 1 && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(words[0], formats[i].name) == 0) {
            formats[i].print(stdout);
            return 0;
        }
    }
    (void)fputs("ets144: --help takes manual, environment, or no argument.\n", stderr);
    return 2;
}
