#include "render/csv.h"

#include <string.h>

void csv_begin(struct csv *csv)
{
    buffer_add_text(&csv->buffer, "\xEF\xBB\xBF");
}

/* Whether a spreadsheet may take the text for a formula. */
static bool starts_formula(const char *text)
{
    static const char *const full_width[] = {"＝", "＋", "－", "＠"};
    if (text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof full_width / sizeof full_width[0]; i++) {
        if (strncmp(text, full_width[i], strlen(full_width[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool csv_needs_guard(const char *text)
{
    return starts_formula(text + strspn(text, "'"));
}

const char *csv_without_guard(const char *text)
{
    return text[0] == '\'' && csv_needs_guard(text) ? text + 1 : text;
}

/* Spaces at either end belong to the text (RFC 4180 §2.4), but some readers trim them unless
 * quoted.
 */
static bool needs_quotes(const char *text)
{
    size_t length = strlen(text);
    return strpbrk(text, ",\"\r\n") != NULL || text[0] == ' ' ||
           (length > 0 && text[length - 1] == ' ');
}

static void add_doubling_quotes(struct buffer *buffer, const char *text)
{
    for (const char *quote = strchr(text, '"'); quote != NULL; quote = strchr(text, '"')) {
        buffer_add(buffer, text, (size_t)(quote + 1 - text));
        buffer_add(buffer, "\"", 1);
        text = quote + 1;
    }
    buffer_add_text(buffer, text);
}

static void separate(struct csv *csv)
{
    if (csv->in_row) {
        buffer_add(&csv->buffer, ",", 1);
    }
    csv->in_row = true;
}

void csv_add_text(struct csv *csv, const char *text)
{
    separate(csv);
    text = text != NULL ? text : "";
    const char *quote = needs_quotes(text) ? "\"" : "";
    buffer_add_text(&csv->buffer, quote);
    buffer_add_text(&csv->buffer, csv_needs_guard(text) ? "'" : "");
    add_doubling_quotes(&csv->buffer, text);
    buffer_add_text(&csv->buffer, quote);
}

void csv_add_plain(struct csv *csv, const char *text)
{
    separate(csv);
    buffer_add_text(&csv->buffer, text);
}

void csv_end_row(struct csv *csv)
{
    buffer_add(&csv->buffer, "\r\n", 2);
    csv->in_row = false;
}
