/* The route table: every operation of the contract, in its order. */
#ifndef ETS144_API_ROUTES_H
#define ETS144_API_ROUTES_H

#include "http/request/route.h"

#include <stdio.h>

extern const struct route routes[];

/* A treaty action as a file has it, or as POST /v1/actions, with a reference that it may have. */
extern const struct json_field import_fields[];

/* A line for each route: method, path, scope or "-". */
void routes_print(FILE *output);

#endif
