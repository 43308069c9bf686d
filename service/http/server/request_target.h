/* The target of a request, in its four forms (RFC 9112 §3.2). */
#ifndef ETS144_HTTP_SERVER_REQUEST_TARGET_H
#define ETS144_HTTP_SERVER_REQUEST_TARGET_H

#include "http/message/refusal.h"
#include "http/server/request_span.h"

/* Makes the target an origin form, or "*"; what is before it may be overwritten. Anything but
 * REFUSAL_NONE: the method has no such target. */
enum refusal request_target_check(struct span method, struct span *target);
/* What a refused target is replaced by, for the log and the problem: its path as far as it goes. */
void request_target_cut(struct span *target);

#endif
