/* A JSON document of the identity provider, fetched by libcurl. The time and the size are limited,
 * and redirects are not followed. */
#ifndef ETS144_AUTH_PROVIDER_FETCH_H
#define ETS144_AUTH_PROVIDER_FETCH_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Whether a document may be fetched from the address: https, or http on this machine; without user
 * and fragment. */
bool provider_url_allowed(const char *url);

/* The document as an object, with status 200; caller frees. NULL: *error says why, in a static
 * text. `stopping` ends the transfer within a second. `ca_file`: PEM file of the only certificate
 * authorities that are trusted. */
json_t *provider_fetch(const char *url, const char *ca_file, const atomic_bool *stopping,
                       const char **error);

#endif
