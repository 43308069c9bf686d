#include "render/html.h"

#include "base/embed.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <orcania.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Inline, so that a saved page keeps its style. */
EMBED(page_style, "render/page.css");

static void add_escaped(struct buffer *page, const char *text)
{
    static const struct {
        char character;
        const char *reference;
    } references[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (; *text != '\0'; text++) {
        const char *reference = NULL;
        for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
            if (references[i].character == *text) {
                reference = references[i].reference;
            }
        }
        if (reference != NULL) {
            buffer_add_text(page, reference);
        } else {
            buffer_add(page, text, 1);
        }
    }
}

void html_add(struct buffer *page, const char *markup, ...)
{
    va_list texts;
    va_start(texts, markup);
    for (const char *slot = strstr(markup, "%s"); slot != NULL; slot = strstr(markup, "%s")) {
        buffer_add(page, markup, (size_t)(slot - markup));
        add_escaped(page, va_arg(texts, const char *));
        markup = slot + 2;
    }
    va_end(texts);
    buffer_add_text(page, markup);
}

void html_begin(struct buffer *page, const char *language, const char *title)
{
    html_add(page,
             "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>",
             language, title);
    buffer_add(page, page_style, page_style_length);
    buffer_add_text(page, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(struct buffer *page)
{
    buffer_add_text(page, "</main>\n</body>\n</html>\n");
}

void html_policy(char policy[HTML_POLICY_SIZE])
{
    enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 48 };
    unsigned char digest[DIGEST_SIZE];
    unsigned char text[DIGEST_TEXT_SIZE];
    size_t length = 0;
    (void)gnutls_hash_fast(GNUTLS_DIG_SHA256, page_style, page_style_length, digest);
    (void)o_base64_encode(digest, sizeof digest, text, &length);
    (void)snprintf(policy, HTML_POLICY_SIZE,
                   "default-src 'none'; style-src 'sha256-%.*s'; base-uri 'none'; "
                   "form-action 'none'; frame-ancestors 'none'",
                   (int)length, (const char *)text);
}
