/* Trace context (W3C Recommendation, "traceparent"): the trace that a request is a part of. */
#ifndef ETS144_HTTP_MESSAGE_TRACE_H
#define ETS144_HTTP_MESSAGE_TRACE_H

#include <stdbool.h>

enum { TRACE_ID_SIZE = 33, TRACE_PARENT_SIZE = 17, TRACE_TEXT_SIZE = 56 };

struct trace {
    char id[TRACE_ID_SIZE];         /* 32 hexadecimal digits; "": it is a part of none */
    char parent[TRACE_PARENT_SIZE]; /* 16: the caller's step */
    bool sampled;
};

/* Reads the header's value; what is malformed, or sent twice, counts as not sent. NULL: not sent.
 */
struct trace trace_read(const char *traceparent);
/* The header again, for whoever is to go on with the trace; only of one that there is. */
void trace_write(const struct trace *trace, char text[TRACE_TEXT_SIZE]);

#endif
