#include "http/message/trace.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* version "-" trace-id "-" parent-id "-" flags */
enum { VERSION = 0, ID = 3, PARENT = 36, FLAGS = 53, LENGTH = 55 };

static bool is_hexadecimal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'f')) {
            return false;
        }
    }
    return true;
}

static bool is_zero(const char *text, size_t length)
{
    return strspn(text, "0") >= length;
}

/* §3.2.2: version ff is invalid; version 00 ends after the flags, later versions may continue after
 * a dash. */
static bool is_well_formed(const char *text)
{
    if (strlen(text) < LENGTH || text[ID - 1] != '-' || text[PARENT - 1] != '-' ||
        text[FLAGS - 1] != '-') {
        return false;
    }
    bool first_version = strncmp(text, "00", 2) == 0;
    bool ends = text[LENGTH] == '\0' || (!first_version && text[LENGTH] == '-');
    return ends && strncmp(text, "ff", 2) != 0 && is_hexadecimal(text + VERSION, 2) &&
           is_hexadecimal(text + ID, TRACE_ID_SIZE - 1) && !is_zero(text + ID, TRACE_ID_SIZE - 1) &&
           is_hexadecimal(text + PARENT, TRACE_PARENT_SIZE - 1) &&
           !is_zero(text + PARENT, TRACE_PARENT_SIZE - 1) && is_hexadecimal(text + FLAGS, 2);
}

struct trace trace_read(const char *traceparent)
{
    struct trace trace = {.id = ""};
    if (traceparent != NULL && is_well_formed(traceparent)) {
        memcpy(trace.id, traceparent + ID, TRACE_ID_SIZE - 1);
        memcpy(trace.parent, traceparent + PARENT, TRACE_PARENT_SIZE - 1);
        trace.sampled = strchr("13579bdf", traceparent[FLAGS + 1]) != NULL;
    }
    return trace;
}

void trace_write(const struct trace *trace, char text[TRACE_TEXT_SIZE])
{
    (void)snprintf(text, TRACE_TEXT_SIZE, "00-%s-%s-0%d", trace->id, trace->parent,
                   trace->sampled ? 1 : 0);
}
