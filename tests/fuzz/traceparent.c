/* Lines: traceparent, X-Request-Id. */
#include "base/syntax.h"
#include "fuzz.h"
#include "http/message/request_id.h"
#include "http/message/trace.h"

#include <string.h>

static void check_trace(const char *header)
{
    struct trace trace = trace_read(header);
    if (trace.id[0] == '\0') {
        return;
    }
    char text[TRACE_TEXT_SIZE];
    trace_write(&trace, text);
    struct trace again = trace_read(text);
    fuzz_require(strcmp(again.id, trace.id) == 0, "a trace survives writing");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 2);
    check_trace(lines.rows[0]);
    struct arena *arena = arena_open();
    const char *id = request_id(arena, lines.rows[1]);
    fuzz_require(id[0] != '\0' && strlen(id) <= 64 && strpbrk(id, "\r\n\" ") == NULL,
                 "an id is short and of one word");
    arena_close(arena);
    fuzz_lines_close(&lines);
    return 0;
}
