/* ets144: the register of ETS No. 144 over HTTP, and the commands of its operator. */
#include "api/routes.h"
#include "commands.h"
#include "config.h"
#include "memory.h"

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ulfius.h>

static void print_help(FILE *output)
{
    (void)fputs(
        "ets144 - the register of ETS No. 144\n\n"
        "  ets144 serve                 answer over HTTP\n"
        "  ets144 routes                list the routes and their scopes\n"
        "  ets144 token create --name NAME --scope SCOPE... [--expires DATE] [--first]\n"
        "  ets144 token list\n"
        "  ets144 token revoke --name NAME\n"
        "  ets144 import FILE --author NAME [--dry-run]\n"
        "                               record the treaty actions of a file, CSV or NDJSON;\n"
        "                               - is the standard input\n"
        "  ets144 health [live|ready]   ask the service that runs here, by the status\n"
        "  ets144 check                 verify the whole history: a line for each finding\n"
        "  ets144 --help | --version\n\n"
        "Settings, from the environment:\n\n",
        output);
    config_describe(output);
}

static int run(const struct config *config, int count, char **words)
{
    if (count == 1 && strcmp(words[0], "serve") == 0) {
        return command_serve(config);
    }
    if (count == 1 && strcmp(words[0], "check") == 0) {
        return command_check(config);
    }
    if (strcmp(words[0], "health") == 0) {
        return command_health(config, count - 1, words + 1);
    }
    if (count > 1 && strcmp(words[0], "token") == 0) {
        return command_token(config, count - 1, words + 1);
    }
    if (strcmp(words[0], "import") == 0) {
        return command_import(config, count, words);
    }
    (void)fputs("ets144: unknown command; `ets144 --help` lists them.\n", stderr);
    return 2;
}

int main(int count, char **words)
{
    memory_install();
    (void)signal(SIGPIPE, SIG_IGN);
    if (count == 2 && strcmp(words[1], "--help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (count == 2 && strcmp(words[1], "--version") == 0) {
        (void)printf("ets144 %s, schema %s\n", ETS144_VERSION, ETS144_SCHEMA);
        return 0;
    }
    if (count == 2 && strcmp(words[1], "routes") == 0) {
        routes_print(stdout);
        return 0;
    }
    if (count < 2) {
        print_help(stderr);
        return 2;
    }
    struct config config;
    if (!config_read(&config, stderr)) {
        config_free(&config);
        return 2;
    }
    (void)ulfius_global_init();
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int status = run(&config, count - 1, words + 1);
    curl_global_cleanup();
    ulfius_global_close();
    config_free(&config);
    return status;
}
