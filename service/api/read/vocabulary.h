/* The closed vocabularies of parameters, each ending with NULL. The database has the same words: a
 * contract test compares both with openapi.yaml. */
#ifndef ETS144_API_READ_VOCABULARY_H
#define ETS144_API_READ_VOCABULARY_H

extern const char *const vocabulary_statuses[];
extern const char *const vocabulary_kinds[];
extern const char *const vocabulary_chapters[];
extern const char *const vocabulary_verifications[];
extern const char *const vocabulary_anomalies[];
extern const char *const vocabulary_stages[];
extern const char *const vocabulary_outcomes[];
extern const char *const vocabulary_changes[];
extern const char *const vocabulary_deliveries[]; /* categories of webhooks */

#endif
