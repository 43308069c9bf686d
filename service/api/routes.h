/* The route table: every operation of the contract, in its order. */
#ifndef ETS144_API_ROUTES_H
#define ETS144_API_ROUTES_H

#include "http/request/route.h"

#include <stdio.h>

extern const struct route routes[]; /* ends with a route without a method */

/* Prints a line for each route: method, path, and the scope it needs or reveals, or "-". */
void routes_print(FILE *output);

#endif
