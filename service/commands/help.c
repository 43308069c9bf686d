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
    {"ets144 serve", "answer over HTTP"},
    {"ets144 routes", "list the routes and their scopes"},
    {"ets144 token create --name NAME --scope SCOPE... [--expires DATE] [--first]",
     "make a token for who may write, and print it once; --first: only if there is none"},
    {"ets144 token list", "list the tokens: names, scopes, times"},
    {"ets144 token revoke --name NAME", "take a token back"},
    {"ets144 import FILE --author NAME [--dry-run]",
     "record the treaty actions of a file, CSV or NDJSON; - is the standard input"},
    {"ets144 health [live|ready]", "ask the service that runs here, by the status"},
    {"ets144 check", "verify the whole history: a line for each finding"},
    {"ets144 --help [manual|environment]",
     "this; as sections of a manual page; the settings as a file to edit"},
    {"ets144 --version", "the program's version, and the schema that it needs"},
};
enum { COMMAND_LINE_COUNT = sizeof command_lines / sizeof command_lines[0] };

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
    (void)fputs("\nSettings, from the environment:\n\n", output);
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        (void)fprintf(output, "  " CONFIG_PREFIX "%-21s %s (default: %s%s)\n", setting.name,
                      setting.meaning, setting.standard[0] != '\0' ? setting.standard : "none",
                      setting.is_secret ? "; or a file's first line: …_FILE" : "");
    }
}

/* --- As sections of a manual page, man(7) ------------------------------------------------- */

/* What roff would take for its own, or show as another character than the one to be typed. */
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

/* A paragraph below the bold words that it explains. The texts begin with a word, so with nothing
 * that roff takes for a request. */
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
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        paragraph_print(output, CONFIG_PREFIX, setting.name, setting.meaning);
        (void)fputs(".br\nDefault: ", output);
        roff_print(output, setting.standard[0] != '\0' ? setting.standard : "none");
        if (setting.is_number) {
            (void)fprintf(output, "; from %ld to %ld", setting.least, setting.most);
        }
        (void)fputc('\n', output);
        if (setting.is_secret) {
            (void)fprintf(output,
                          ".br\nOr \\fB" CONFIG_PREFIX "%s_FILE\\fR, a file whose first line it "
                          "is\n",
                          setting.name);
        }
    }
}

/* --- As a file of the environment, for systemd and for a shell ---------------------------- */

/* Within double quotes both read the same. */
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
    struct config_setting setting;
    for (size_t i = 0; config_setting(i, &setting); i++) {
        (void)fprintf(output, "\n# %s\n", setting.meaning);
        if (setting.is_number) {
            (void)fprintf(output, "# From %ld to %ld.\n", setting.least, setting.most);
        }
        (void)fprintf(output, "#" CONFIG_PREFIX "%s=", setting.name);
        value_print(output, setting.standard);
        (void)fputc('\n', output);
        if (setting.is_secret) {
            (void)fprintf(output,
                          "# or a file whose first line it is:\n#" CONFIG_PREFIX "%s_FILE=\n",
                          setting.name);
        }
    }
}

static const struct {
    const char *name;
    void (*print)(FILE *output);
} forms[] = {{"manual", manual_print}, {"environment", environment_print}};

int command_help(int count, char **words)
{
    if (count == 0) {
        help_print(stdout);
        return 0;
    }
    for (size_t i = 0; count == 1 && i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(words[0], forms[i].name) == 0) {
            forms[i].print(stdout);
            return 0;
        }
    }
    (void)fputs("ets144: --help takes nothing, manual or environment.\n", stderr);
    return 2;
}
