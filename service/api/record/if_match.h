/* If-Match (RFC 9110 §13.1.1): what exists is changed only by who has seen it as it is. */
#ifndef ETS144_API_RECORD_IF_MATCH_H
#define ETS144_API_RECORD_IF_MATCH_H

#include "http/message/exchange.h"

#include <stdbool.h>

/* Whether the header is there and is one; false: a problem is the reply. */
bool if_match_given(struct exchange *exchange);
/* Whether it names the representation, in any coding. */
bool if_match_names(struct exchange *exchange, const json_t *document);
/* It names none. */
void if_match_refuse(struct exchange *exchange);

/* The strong tag that the document has when it is read. */
const char *if_match_tag(struct exchange *exchange, const json_t *document);

#endif
