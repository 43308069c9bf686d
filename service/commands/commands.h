/* The commands of the program. Each returns the process's exit status: 0, 1 on failure, 2 on wrong
 * usage. words[0] is the command, the others its arguments; main.c has checked their number. */
#ifndef ETS144_COMMANDS_COMMANDS_H
#define ETS144_COMMANDS_COMMANDS_H

#include "config.h"

int command_serve(const struct config *config, int count, char **words);
int command_token(const struct config *config, int count, char **words);
int command_import(const struct config *config, int count, char **words);
/* 1: there are findings; 2: it could not check. */
int command_check(const struct config *config, int count, char **words);
int command_health(const struct config *config, int count, char **words);
int command_help(int count, char **words); /* words[0] is the first argument */

#endif
