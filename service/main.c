/* ets144: the register of ETS No. 144 over HTTP, and the commands of its operator. */
#include "api/routes.h"
#include "base/memory.h"
#include "commands/commands.h"
#include "commands/help.h"
#include "config.h"

#include <curl/curl.h>
#include <limits.h>
#include <rhonabwy.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ulfius.h>

static const struct {
    const char *name;
    int min_arguments;
    int max_arguments;
    int (*run)(const struct config *config, int count, char **words);
} commands[] = {
    {"serve", 0, 0, command_serve},         {"check", 0, INT_MAX, command_check},
    {"health", 0, 1, command_health},       {"token", 1, INT_MAX, command_token},
    {"import", 0, INT_MAX, command_import},
};

static int run(const struct config *config, int count, char **words)
{
    const int arguments = count - 1;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(words[0], commands[i].name) == 0 && arguments >= commands[i].min_arguments &&
            arguments <= commands[i].max_arguments) {
            return commands[i].run(config, count, words);
        }
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
    (void)r_global_init();
    int status = run(&config, count - 1, words + 1);
    r_global_close();
    curl_global_cleanup();
    ulfius_global_close();
    config_free(&config);
    return status;
}
