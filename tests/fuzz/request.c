/* Lines: method and address, then headers up to an empty line, then the body. */
#include "fuzz.h"
#include "http/handle/process.h"

#include <stdlib.h>
#include <string.h>

/* Splits "name: value" at the colon; the value, or NULL. */
static char *value_of(char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL) {
        return NULL;
    }
    *colon = '\0';
    return colon + 1 + strspn(colon + 1, " ");
}

static void process(const char *method, const char *address, struct fuzz_lines *lines,
                    const uint8_t *body, size_t length)
{
    struct exchange exchange = fuzz_exchange(method, address);
    for (int i = 1; i < FUZZ_LINES && lines->rows[i][0] != '\0'; i++) {
        const char *value = value_of(lines->rows[i]);
        if (value != NULL) {
            exchange_add_header(&exchange, lines->rows[i], value);
        }
    }
    exchange.request_bytes = arena_copy(exchange.arena, (const char *)body, length);
    exchange.request_length = length;
    process_request(&exchange, fuzz_application());
    fuzz_check_response(&exchange);
    exchange_end(&exchange);
}

/* The bytes up to the body, which follows an empty line. */
static size_t head_length(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memmem(bytes, size, "\n\n", 2);
    return end != NULL ? (size_t)(end - bytes) + 2 : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t head = head_length(bytes, size);
    struct fuzz_lines lines = fuzz_lines_open(bytes, head, FUZZ_LINES);
    char *address = strchr(lines.rows[0], ' ');
    if (address != NULL) {
        *address++ = '\0';
        process(lines.rows[0], address, &lines, bytes + head, size - head);
    }
    fuzz_lines_close(&lines);
    return 0;
}
