/* If-Match (RFC 9110 §13.1.1): what exists is changed only by who has seen it as it is. */
#ifndef ETS144_API_PRECONDITION_H
#define ETS144_API_PRECONDITION_H

#include "http/exchange.h"

#include <stdbool.h>

/* Whether the header is there and is one; false: a problem is the reply. */
bool precondition_given(struct exchange *exchange);
/* Whether it names the representation, in any coding. */
bool precondition_names(struct exchange *exchange, const json_t *document);
/* It names none. */
void precondition_refuse(struct exchange *exchange);

/* The strong tag that the document has when it is read. */
const char *precondition_tag(struct exchange *exchange, const json_t *document);

#endif
