/* The closed vocabularies that a parameter may take; the database has the same words, and a
 * contract test holds the two and openapi.yaml together. Each ends with NULL. */
#ifndef ETS144_API_READ_VOCABULARY_H
#define ETS144_API_READ_VOCABULARY_H

extern const char *const vocabulary_statuses[];
extern const char *const vocabulary_kinds[];
extern const char *const vocabulary_chapters[];
extern const char *const vocabulary_verifications[];
extern const char *const vocabulary_stages[];
extern const char *const vocabulary_changes[];

#endif
