/* The reference of the interface at /docs: Swagger UI in a page of ours. Its
 * Content-Security-Policy allows neither inline scripts or styles nor anything from another host.
 */
#include "api/about/asset.h"
#include "api/format/link.h"
#include "api/handlers.h"
#include "http/message/problem.h"

#include <string.h>

const char *const docs_media[] = {"text/html", NULL};
const char *const docs_file_media[] = {"text/javascript", "text/css", NULL};

static const char page[] =
    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n"
    "<link rel=\"icon\" href=\"data:,\">\n"
    "<link rel=\"stylesheet\" href=\"/docs/%s\">\n<link rel=\"stylesheet\" href=\"/docs/%s\">\n"
    "<script defer src=\"/docs/%s\"></script>\n<script defer src=\"/docs/%s\"></script>\n"
    "</head>\n<body>\n<header>\n<h1>%s</h1>\n"
    "<p>%s <a href=\"/openapi.json\">/openapi.json</a></p>\n</header>\n"
    "<div id=\"reference\" lang=\"en\"></div>\n</body>\n</html>\n";

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void docs_show(struct exchange *exchange)
{
    const char *title = message_text(exchange->language, MESSAGE_DOCS_TITLE);
    const char *html = arena_print(exchange->arena, page, language_tag(exchange->language), title,
                                   asset_name("swagger-ui.css"), asset_name("docs.css"),
                                   asset_name("swagger-ui-bundle.js"), asset_name("docs.js"), title,
                                   message_text(exchange->language, MESSAGE_DOCS_CONTRACT));
    reply_header(exchange, "Content-Security-Policy", policy);
    link_service(exchange);
    reply_bytes(exchange, 200, "text/html; charset=utf-8", memory_copy_text(html), strlen(html));
}

void docs_file(struct exchange *exchange)
{
    if (!asset_reply(exchange, exchange_value(exchange, "file"))) {
        problem_reply(exchange, PROBLEM_NOT_FOUND,
                      message_fill(exchange->arena, exchange->language, MESSAGE_NO_RESOURCE,
                                   exchange->path, NULL, NULL));
    }
}
