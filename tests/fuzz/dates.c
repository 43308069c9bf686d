/* A date or a time in any syntax. */
#include "base/syntax.h"
#include "fuzz.h"

#include <string.h>

static void check_time(const char *canonical)
{
    char again[SYNTAX_TIME_SIZE];
    fuzz_require(syntax_read_time(canonical, again) && strcmp(again, canonical) == 0,
                 "a canonical time is its own");
}

static void check_http_date(const char *canonical)
{
    char text[SYNTAX_HTTP_DATE_SIZE];
    char again[SYNTAX_TIME_SIZE];
    check_time(canonical);
    syntax_write_http_date(syntax_seconds(canonical), text);
    fuzz_require(syntax_read_http_date(text, again), "a written date is read");
    fuzz_require(syntax_seconds(again) == syntax_seconds(canonical), "it is the same second");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 1);
    const char *text = lines.rows[0];
    char canonical[SYNTAX_TIME_SIZE];
    if (syntax_read_time(text, canonical)) {
        check_time(canonical);
    }
    if (syntax_read_http_date(text, canonical)) {
        check_http_date(canonical);
    }
    (void)syntax_is_date(text);
    (void)syntax_is_database_time(text);
    (void)syntax_seconds(text);
    fuzz_lines_close(&lines);
    return 0;
}
