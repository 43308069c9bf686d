/* If-Match (RFC 9110 §13.1.1): a record is changed only by a client that has seen its current
 * state. */
#ifndef ETS144_API_RECORD_IF_MATCH_H
#define ETS144_API_RECORD_IF_MATCH_H

#include "http/message/exchange.h"

#include <stdbool.h>

/* Whether the header was sent and is well-formed. False: the response is a problem. */
bool if_match_given(struct exchange *exchange);
/* Whether the header matches the representation, in any coding. */
bool if_match_names(struct exchange *exchange, const json_t *document);
/* Responds that the header does not match (412). */
void if_match_refuse(struct exchange *exchange);

/* The strong tag that the document has when it is read. */
const char *if_match_tag(struct exchange *exchange, const json_t *document);

#endif
