/* What the program can be told to do and how it is set up, for people: as text, as the sections of
 * a manual page, and as a file of settings to edit. All of it comes from two tables: the commands
 * are in help.c, the settings in config.c. */
#ifndef ETS144_COMMANDS_HELP_H
#define ETS144_COMMANDS_HELP_H

#include <stdio.h>

/* Prints commands and settings as text. */
void help_print(FILE *output);

#endif
