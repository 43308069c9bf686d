#include "api/read/chart_page.h"

#include "context.h"
#include "http/request/media_type.h"
#include "render/html.h"
#include "render/json.h"

#include <string.h>

enum word {
#define WORD(name, english, french) WORD_##name,
#define LETTER(...)
#include "words/chart.def"
#undef WORD
    WORD_COUNT
};

static const char *const words[WORD_COUNT][LANGUAGE_COUNT] = {
#define WORD(name, english, french) [WORD_##name] = {(english), (french)},
#include "words/chart.def"
#undef WORD
#undef LETTER
};

/* The columns of letters: the member of a row that sets each, and its meaning. */
static const struct {
    const char *member;
    const char *letter;
    const char *meaning[LANGUAGE_COUNT];
} letters[] = {
#define WORD(...)
#define LETTER(member, letter, english, french) {(member), (letter), {(english), (french)}},
#include "words/chart.def"
};
enum { LETTER_COUNT = sizeof letters / sizeof letters[0] };

static const char *word(const struct exchange *exchange, enum word word)
{
    return words[word][exchange->language];
}

static void add_header(struct exchange *exchange, const struct rows *rows, struct buffer *page)
{
    const char *as_of = exchange->moment.as_of;
    const char *in_words = rows_named(rows, 0, "_as_of");
    html_add(page,
             "<header>\n<p class=\"series\">%s</p>\n<h1>%s</h1>\n<p class=\"title\">%s</p>\n"
             "<p>%s <time datetime=\"%s\">%s</time></p>\n</header>\n",
             word(exchange, WORD_SERIES), word(exchange, WORD_HEADING),
             message_text(exchange->language, MESSAGE_CONVENTION_TITLE),
             word(exchange, WORD_STATUS_AS_OF), as_of, in_words != NULL ? in_words : as_of);
}

static void add_columns(struct exchange *exchange, struct buffer *page)
{
    static const enum word columns[] = {WORD_STATE, WORD_SIGNATURE, WORD_RATIFICATION,
                                        WORD_ENTRY_INTO_FORCE, WORD_NOTES};
    /* Focusable, so that the table can be scrolled with the keyboard on a narrow screen. */
    html_add(page,
             "<div role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n"
             "<table>\n<caption>%s</caption>\n<thead>\n<tr>",
             word(exchange, WORD_HEADING), word(exchange, WORD_CAPTION));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        html_add(page, "<th scope=\"col\">%s</th>", word(exchange, columns[i]));
    }
    for (size_t i = 0; i < LETTER_COUNT; i++) {
        html_add(page, "<th scope=\"col\" class=\"mark\"><abbr title=\"%s\">%s</abbr></th>",
                 letters[i].meaning[exchange->language], letters[i].letter);
    }
    html_add(page, "</tr>\n</thead>\n");
}

/* day NULL: an empty cell. An unconfirmed day is not shown: the note of the State says what is
 * known. */
static void add_day(struct exchange *exchange, struct buffer *page, const char *day,
                    const char *in_words, bool unconfirmed, bool accession)
{
    html_add(page, "<td class=\"day\">");
    if (unconfirmed) {
        html_add(page, "<span class=\"unconfirmed\">%s</span>", word(exchange, WORD_UNCONFIRMED));
    } else if (day != NULL) {
        html_add(page, "<time datetime=\"%s\">%s</time>", day, in_words);
    }
    if (accession) {
        html_add(page, " <abbr title=\"%s\">a</abbr>", word(exchange, WORD_ACCESSION));
    }
    html_add(page, "</td>");
}

static bool column_is(const struct rows *rows, int row, const char *name, const char *text)
{
    const char *value = rows_named(rows, row, name);
    return value != NULL && strcmp(value, text) == 0;
}

/* note: the number of the State's note; 0: the State has no note. */
static void add_state(struct exchange *exchange, const struct rows *rows, int row, int note,
                      struct buffer *page)
{
    html_add(page, "<tr><th scope=\"row\">%s</th>", rows_named(rows, row, "name"));
    add_day(exchange, page, rows_named(rows, row, "signature.date"),
            rows_named(rows, row, "_signature"),
            column_is(rows, row, "signature.verification", "unconfirmed"), false);
    add_day(exchange, page, rows_named(rows, row, "ratification.date"),
            rows_named(rows, row, "_ratification"),
            column_is(rows, row, "ratification.verification", "unconfirmed"),
            column_is(rows, row, "ratification.kind", "accession"));
    add_day(exchange, page, rows_named(rows, row, "entry_into_force"),
            rows_named(rows, row, "_entry_into_force"), false, false);
    if (note > 0) {
        const char *number = arena_print(exchange->arena, "%d", note);
        html_add(page, "<td class=\"note\"><a href=\"#note-%s\">%s</a></td>", number, number);
    } else {
        html_add(page, "<td></td>");
    }
    for (size_t i = 0; i < LETTER_COUNT; i++) {
        html_add(page, "<td class=\"mark\">%s</td>",
                 rows_true(rows, row, letters[i].member) ? "X" : "");
    }
    html_add(page, "</tr>\n");
}

/* The rows come members first. Both groups have a heading, even an empty one. */
static void add_states(struct exchange *exchange, const struct rows *rows, struct buffer *page)
{
    int note = 0;
    int row = 0;
    for (int members = 1; members >= 0; members--) {
        html_add(
            page,
            "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"11\" class=\"group\">%s</th></tr>\n",
            word(exchange, members == 1 ? WORD_MEMBERS : WORD_OTHERS));
        for (; row < rows_count(rows) && rows_true(rows, row, "member") == (members == 1); row++) {
            bool noted = rows_named(rows, row, "notes") != NULL;
            note += noted ? 1 : 0;
            add_state(exchange, rows, row, noted ? note : 0, page);
        }
        html_add(page, "</tbody>\n");
    }
    html_add(page, "</table>\n</div>\n");
}

static void add_totals(struct exchange *exchange, const struct rows *rows, struct buffer *page)
{
    const char *ratifications = rows_named(rows, 0, "_ratifications");
    const char *signatures = rows_named(rows, 0, "_signatures_only");
    html_add(page, "<dl class=\"totals\">\n<dt>%s</dt><dd>%s</dd>\n<dt>%s</dt><dd>%s</dd>\n</dl>\n",
             word(exchange, WORD_TOTAL_RATIFICATIONS), ratifications != NULL ? ratifications : "0",
             word(exchange, WORD_TOTAL_SIGNATURES), signatures != NULL ? signatures : "0");
}

static void add_notes(struct exchange *exchange, const struct rows *rows, struct buffer *page)
{
    int number = 0;
    for (int row = 0; row < rows_count(rows); row++) {
        const char *note = rows_named(rows, row, "notes");
        if (note == NULL) {
            continue;
        }
        if (number == 0) {
            html_add(page, "<h2>%s</h2>\n<ol>\n", word(exchange, WORD_NOTES));
        }
        number++;
        html_add(page, "<li id=\"note-%s\"><b>%s</b>. %s</li>\n",
                 arena_print(exchange->arena, "%d", number), rows_named(rows, row, "name"), note);
    }
    html_add(page, number > 0 ? "</ol>\n" : "");
}

static void add_meaning(struct exchange *exchange, const char *sign, const char *meaning,
                        struct buffer *page)
{
    html_add(page, "<dt>%s</dt><dd>%s%s</dd>\n", sign, word(exchange, WORD_MEANS), meaning);
}

static void add_legend(struct exchange *exchange, struct buffer *page)
{
    html_add(page, "<h2>%s</h2>\n<dl class=\"legend\">\n", word(exchange, WORD_LEGEND));
    add_meaning(exchange, "a", word(exchange, WORD_ACCESSION), page);
    for (size_t i = 0; i < LETTER_COUNT; i++) {
        add_meaning(exchange, letters[i].letter, letters[i].meaning[exchange->language], page);
    }
    add_meaning(exchange, word(exchange, WORD_UNCONFIRMED), word(exchange, WORD_UNCONFIRMED_MEANS),
                page);
    html_add(page, "</dl>\n");
}

/* The moment and the address of the page, so that a printout can be compared with the register. */
static void add_footer(struct exchange *exchange, struct buffer *page)
{
    const struct context *context = exchange->context;
    const char *known_at = exchange->moment.known_at;
    html_add(page, "<footer>\n");
    if (known_at != NULL) {
        const char *moment = render_time(exchange->arena, known_at);
        html_add(page, "<p>%s <time datetime=\"%s\">%s</time>, %s %s.</p>\n",
                 word(exchange, WORD_KNOWN_AT), moment, moment, word(exchange, WORD_REVISION),
                 exchange->moment.revision);
        html_add(page, "<p>%s/v1/chart?as_of=%s&amp;known_at=%s</p>\n", context->public_url,
                 exchange->moment.as_of, moment);
    }
    if (context->licence[0] != '\0') {
        html_add(page, "<p>%s%s<a rel=\"license\" href=\"%s\">%s</a></p>\n",
                 word(exchange, WORD_LICENCE), word(exchange, WORD_MEANS), context->licence,
                 context->licence);
    }
    html_add(page, "</footer>\n");
}

void chart_page_reply(struct exchange *exchange, const struct rows *rows)
{
    struct buffer page = {.bytes = NULL};
    html_begin(&page, language_tag(exchange->language),
               arena_print(exchange->arena, "%s – %s", word(exchange, WORD_HEADING),
                           word(exchange, WORD_SERIES)));
    add_header(exchange, rows, &page);
    add_columns(exchange, &page);
    add_states(exchange, rows, &page);
    add_totals(exchange, rows, &page);
    add_notes(exchange, rows, &page);
    add_legend(exchange, &page);
    add_footer(exchange, &page);
    html_end(&page);
    reply_bytes(exchange, 200, media_type_of(exchange)->content_type, page.bytes, page.length);
}
