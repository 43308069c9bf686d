/* The pages of problem types, as HTML for people and JSON for programs. The types of the protocol
 * are in words/problem.def, those of the law in the table register.rule. */
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "base/text.h"
#include "http/message/problem.h"
#include "http/request/media_type.h"
#include "render/html.h"
#include "statements.h"

#include <string.h>

/* The first is the default: a problem type is an address that people open. */
const char *const problem_media[] = {"text/html", "application/json", NULL};

struct page {
    const char *slug;
    int status;
    const char *article; /* of the Convention; NULL: a type of the protocol */
    const char *title;
    const char *explanation;
};

static void reply_page_html(struct exchange *exchange, const struct page *page)
{
    struct arena *arena = exchange->arena;
    struct buffer html = {.bytes = NULL};
    html_begin(&html, language_tag(exchange->language), page->title);
    html_add(&html, "<h1>%s</h1>\n<p>%s</p>\n<p><code>/problems/%s</code> · %s", page->title,
             page->explanation, page->slug, arena_print(arena, "%d", page->status));
    if (page->article != NULL) {
        html_add(&html, " · %s %s", message_text(exchange->language, MESSAGE_ARTICLE),
                 page->article);
    }
    html_add(&html, "</p>\n");
    html_end(&html);
    reply_bytes(exchange, 200, media_type_of(exchange)->content_type, html.bytes, html.length);
}

static void reply_page(struct exchange *exchange, const struct page *page)
{
    if (media_type_is(exchange, "html")) {
        reply_page_html(exchange, page);
        return;
    }
    json_t *document = json_object();
    json_object_set_new(document, "type",
                        json_string(arena_print(exchange->arena, "/problems/%s", page->slug)));
    json_object_set_new(document, "status", json_integer(page->status));
    json_object_set_new(document, "article",
                        page->article != NULL ? json_string(page->article) : json_null());
    json_object_set_new(document, "title", json_string(page->title));
    json_object_set_new(document, "explanation", json_string(page->explanation));
    reply_json(exchange, 200, document);
}

/* A rule of the law, all of which are 422. Its name has underscores where the slug has dashes. */
static void show_rule(struct exchange *exchange, const char *slug)
{
    exchange_set_argument(exchange, "rule", text_replace(exchange->arena, slug, "-", "_"));
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_statement(exchange, session, &statement_rule);
    pool_checkin(session);
    if (rows == NULL) {
        return;
    }
    if (rows_count(rows) == 0 || strchr(slug, '_') != NULL) {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_fill(exchange->arena, exchange->language, MESSAGE_NO_RESOURCE,
                                   exchange->path, NULL, NULL));
    } else {
        const struct page page = {slug, 422, rows_named(rows, 0, "article"),
                                  rows_named(rows, 0, "title"), rows_named(rows, 0, "explanation")};
        reply_page(exchange, &page);
    }
    rows_free(rows);
}

void problems_show(struct exchange *exchange)
{
    const char *slug = exchange_value(exchange, "name");
    const struct problem_kind *kind = problem_kind_by_slug(slug);
    if (kind == NULL) {
        show_rule(exchange, slug);
        return;
    }
    const struct page page = {kind->slug, kind->status, NULL, kind->title[exchange->language],
                              kind->meaning[exchange->language]};
    reply_page(exchange, &page);
}
