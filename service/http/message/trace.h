/* Trace context (W3C Recommendation, "traceparent"): the trace that a request belongs to. */
#ifndef ETS144_HTTP_MESSAGE_TRACE_H
#define ETS144_HTTP_MESSAGE_TRACE_H

#include <stdbool.h>

enum { TRACE_ID_SIZE = 33, TRACE_PARENT_SIZE = 17, TRACE_TEXT_SIZE = 56 };

struct trace {
    char id[TRACE_ID_SIZE];         /* 32 hexadecimal digits; "": no trace */
    char parent[TRACE_PARENT_SIZE]; /* 16 hexadecimal digits: the caller's span */
    bool sampled;
};

/* Reads the header's value. NULL, malformed or repeated: no trace. */
struct trace trace_read(const char *traceparent);
/* Writes the header for a downstream call; the trace must have an id. */
void trace_write(const struct trace *trace, char text[TRACE_TEXT_SIZE]);

#endif
