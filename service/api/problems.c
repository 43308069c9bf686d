/* The pages that problem types point to: what each means, for people and for programs. */
#include "api/resource.h"
#include "api/resources.h"
#include "http/problem.h"
#include "statements.h"

#include <string.h>

/* What a page says; the status is 422 for every rule of the law. */
struct page {
    const char *slug;
    int status;
    const char *article; /* NULL: none */
    const char *title;
    const char *explanation;
};

/* Text for HTML, with what has a meaning there written as character references. */
static const char *escape_html(struct arena *arena, const char *text)
{
    enum { LONGEST_REFERENCE = 6 };
    char *escaped = arena_allocate(arena, strlen(text) * LONGEST_REFERENCE + 1);
    char *to = escaped;
    for (; *text != '\0'; text++) {
        const char *reference = *text == '&'   ? "&amp;"
                                : *text == '<' ? "&lt;"
                                : *text == '>' ? "&gt;"
                                : *text == '"' ? "&quot;"
                                               : NULL;
        if (reference != NULL) {
            to = stpcpy(to, reference);
        } else {
            *to++ = *text;
        }
    }
    return escaped;
}

static void reply_page_html(struct exchange *exchange, const struct page *page)
{
    static const char template[] =
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>%s</title></head>\n"
        "<body><main><h1>%s</h1>\n<p>%s</p>\n<p><code>/problems/%s</code> · "
        "%d%s</p></main></body>\n"
        "</html>\n";
    struct arena *arena = exchange->arena;
    const char *title = escape_html(arena, page->title);
    const char *article =
        page->article == NULL
            ? ""
            : arena_print(arena, " · %s %s", message_text(exchange->language, MESSAGE_ARTICLE),
                          page->article);
    const char *html = arena_print(arena, template, language_tag(exchange->language), title, title,
                                   escape_html(arena, page->explanation), page->slug, page->status,
                                   escape_html(arena, article));
    reply_header(exchange, "Content-Security-Policy", "default-src 'none'");
    reply_bytes(exchange, 200, "text/html; charset=utf-8", memory_copy_text(html), strlen(html));
}

static void reply_page(struct exchange *exchange, const struct page *page)
{
    if (exchange_value_is(exchange, "media", "text/html")) {
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

/* A rule's name has underscores where its address has dashes. */
static void show_rule(struct exchange *exchange, const char *slug)
{
    char *rule = arena_copy_text(exchange->arena, slug);
    for (char *at = rule; *at != '\0'; at++) {
        if (*at == '-') {
            *at = '_';
        }
    }
    exchange_set_value(exchange, "rule", rule);
    struct session *session = resource_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = resource_query(exchange, session, &statement_rule);
    store_checkin(session);
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
