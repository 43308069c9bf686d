#include "http/message/exchange.h"

#include "http/cache/response_cache.h"

#include <stdlib.h>
#include <string.h>
#include <ulfius.h>

void exchange_end(struct exchange *exchange)
{
    free(exchange->reply.body);
    cached_response_put(exchange->reply.cached);
    json_decref(exchange->body);
    json_decref(exchange->faults);
    arena_close(exchange->arena);
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return u_map_get_case(exchange->request_headers, name);
}

const char *exchange_value(const struct exchange *exchange, const char *name)
{
    for (int i = 0; i < exchange->value_count; i++) {
        if (strcmp(exchange->values[i].name, name) == 0) {
            return exchange->values[i].text;
        }
    }
    return NULL;
}

void exchange_set_value(struct exchange *exchange, const char *name, const char *text)
{
    for (int i = 0; i < exchange->value_count; i++) {
        if (strcmp(exchange->values[i].name, name) == 0) {
            exchange->values[i].text = text;
            return;
        }
    }
    if (exchange->value_count < MAX_VALUES) {
        exchange->values[exchange->value_count++] = (struct value){.name = name, .text = text};
    }
}

bool exchange_value_is(const struct exchange *exchange, const char *name, const char *text)
{
    const char *value = exchange_value(exchange, name);
    return value != NULL && strcmp(value, text) == 0;
}

void reply_header(struct exchange *exchange, const char *name, const char *text)
{
    struct reply *reply = &exchange->reply;
    if (reply->header_count < MAX_RESPONSE_HEADERS) {
        reply->headers[reply->header_count++] = (struct header){.name = name, .text = text};
    }
}

const char *reply_header_find(const struct reply *reply, const char *name)
{
    for (int i = 0; i < reply->header_count; i++) {
        if (strcmp(reply->headers[i].name, name) == 0) {
            return reply->headers[i].text;
        }
    }
    return NULL;
}

bool reply_header_goes_with_304(const char *name)
{
    static const char *const of_bytes[] = {"Last-Modified", "X-Content-Type-Options"};
    for (size_t i = 0; i < sizeof of_bytes / sizeof of_bytes[0]; i++) {
        if (strcmp(name, of_bytes[i]) == 0) {
            return false;
        }
    }
    return strncmp(name, "Content-", strlen("Content-")) != 0 ||
           strcmp(name, "Content-Location") == 0;
}

void reply_link(struct exchange *exchange, const char *link)
{
    struct reply *reply = &exchange->reply;
    for (int i = 0; i < reply->header_count; i++) {
        if (strcmp(reply->headers[i].name, "Link") == 0) {
            reply->headers[i].text =
                arena_print(exchange->arena, "%s, %s", reply->headers[i].text, link);
            return;
        }
    }
    reply_header(exchange, "Link", link);
}

void reply_bytes(struct exchange *exchange, int status, const char *content_type, char *bytes,
                 size_t length)
{
    struct reply *reply = &exchange->reply;
    free(reply->body);
    reply->status = status;
    reply->content_type = content_type;
    reply->body = bytes;
    reply->length = length;
}

void reply_json(struct exchange *exchange, int status, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(document);
    reply_bytes(exchange, status, "application/json", text, strlen(text));
}
