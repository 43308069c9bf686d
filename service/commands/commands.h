/* The sub-commands of the program, by file. Each answers the process's exit status. */
#ifndef ETS144_COMMANDS_COMMANDS_H
#define ETS144_COMMANDS_COMMANDS_H

#include "config.h"

int command_serve(const struct config *config);                           /* serve.c */
int command_token(const struct config *config, int count, char **words);  /* token_command.c */
int command_import(const struct config *config, int count, char **words); /* import_command.c */
int command_check(const struct config *config);                           /* check_command.c */
int command_health(const struct config *config, int count, char **words); /* health_command.c */
int command_help(int count, char **words);                                /* help.c */

#endif
