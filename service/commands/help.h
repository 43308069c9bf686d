/* Commands and settings for people: as text, as sections of a manual page, and as a file of
 * settings to edit. The commands are a table in help.c, the settings one in config.c. */
#ifndef ETS144_COMMANDS_HELP_H
#define ETS144_COMMANDS_HELP_H

#include <stdio.h>

/* Prints commands and settings as text. */
void help_print(FILE *output);

#endif
