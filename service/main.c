/* ets144: the register of ETS No. 144 over HTTP, and the commands of its operator. */
#include "api/routes.h"
#include "base/memory.h"
#include "commands/commands.h"
#include "commands/help.h"
#include "config.h"

#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ulfius.h>

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
    if (count > 1 && strcmp(words[1], "--help") == 0) {
        return command_help(count - 2, words + 2);
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
        help_print(stderr);
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
