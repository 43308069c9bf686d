#include "http/message/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void exchange_end(struct exchange *exchange)
{
    free(exchange->response.owned);
    ref_put(exchange->response.held);
    json_decref(exchange->body);
    json_decref(exchange->faults);
    arena_close(exchange->arena);
}

const char *exchange_sentence(const struct exchange *exchange, enum message message,
                              const char *first, const char *second, const char *third)
{
    return message_fill(exchange->arena, exchange->language, message, first, second, third);
}

/* Makes room for one more item; the capacity doubles, in the arena. */
static void *grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    enum { FIRST_CAPACITY = 16 };
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
    void *grown = arena_allocate(arena, *capacity * size);
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

static struct header *find_header(const struct headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0) {
            return &headers->items[i];
        }
    }
    return NULL;
}

void exchange_add_header(struct exchange *exchange, const char *name, const char *text)
{
    struct headers *headers = &exchange->request_headers;
    struct header *header = find_header(headers, name);
    if (header != NULL) {
        header->text = arena_print(exchange->arena, "%s, %s", header->text, text);
        return;
    }
    headers->items = grow(exchange->arena, headers->items, headers->count, &headers->capacity,
                          sizeof *headers->items);
    headers->items[headers->count++] = (struct header){.name = name, .text = text};
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    const struct header *header = find_header(&exchange->request_headers, name);
    return header != NULL ? header->text : NULL;
}

static struct value *find_value(const struct values *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->items[i].name, name) == 0) {
            return &values->items[i];
        }
    }
    return NULL;
}

static void set_value(struct arena *arena, struct values *values, const char *name,
                      const char *text)
{
    struct value *value = find_value(values, name);
    if (value == NULL) {
        values->items =
            grow(arena, values->items, values->count, &values->capacity, sizeof *values->items);
        value = &values->items[values->count++];
        value->name = name;
    }
    value->text = text;
}

const char *exchange_parameter(const struct exchange *exchange, const char *name)
{
    const struct value *value = find_value(&exchange->parameters, name);
    return value != NULL ? value->text : NULL;
}

bool exchange_parameter_is(const struct exchange *exchange, const char *name, const char *text)
{
    const char *value = exchange_parameter(exchange, name);
    return value != NULL && strcmp(value, text) == 0;
}

void exchange_set_parameter(struct exchange *exchange, const char *name, const char *text)
{
    set_value(exchange->arena, &exchange->parameters, name, text);
}

void exchange_set_argument(struct exchange *exchange, const char *name, const char *text)
{
    set_value(exchange->arena, &exchange->arguments, name, text);
}

/* False: no member of the exchange has that name. */
static bool member_value(const struct exchange *exchange, const char *name, const char **text)
{
    const struct value members[] = {
        {"as_of", exchange->moment.as_of},
        {"known_at", exchange->moment.known_at},
        {"revision", exchange->moment.revision},
        {"lang", language_tag(exchange->language)},
        {"internal", exchange->caller.sees_internal ? "true" : NULL},
        {"all_internal", exchange->caller.sees_all_internal ? "true" : NULL},
        {"internal_types", exchange->caller.internal_types},
        {"person", exchange->caller.person},
        {"token_digest", exchange->caller.token_digest},
        {"body_digest", exchange->body_digest},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (strcmp(members[i].name, name) == 0) {
            *text = members[i].text;
            return true;
        }
    }
    return false;
}

const char *exchange_value(const struct exchange *exchange, const char *name)
{
    const struct value *argument = find_value(&exchange->arguments, name);
    const char *text = NULL;
    if (argument != NULL) {
        return argument->text;
    }
    return member_value(exchange, name, &text) ? text : exchange_parameter(exchange, name);
}

void reply_header(struct exchange *exchange, const char *name, const char *text)
{
    struct response *response = &exchange->response;
    if (response->header_count < MAX_RESPONSE_HEADERS) {
        response->headers[response->header_count++] = (struct header){.name = name, .text = text};
    }
}

const char *response_header_find(const struct response *response, const char *name)
{
    for (int i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, name) == 0) {
            return response->headers[i].text;
        }
    }
    return NULL;
}

bool response_header_goes_with_304(const char *name)
{
    static const char *const about_body[] = {"Last-Modified", "X-Content-Type-Options"};
    for (size_t i = 0; i < sizeof about_body / sizeof about_body[0]; i++) {
        if (strcmp(name, about_body[i]) == 0) {
            return false;
        }
    }
    return strncmp(name, "Content-", strlen("Content-")) != 0 ||
           strcmp(name, "Content-Location") == 0;
}

void reply_link(struct exchange *exchange, const char *link)
{
    struct response *response = &exchange->response;
    for (int i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, "Link") == 0) {
            response->headers[i].text =
                arena_print(exchange->arena, "%s, %s", response->headers[i].text, link);
            return;
        }
    }
    reply_header(exchange, "Link", link);
}

void reply_bytes(struct exchange *exchange, int status, const char *content_type, char *bytes,
                 size_t length)
{
    struct response *response = &exchange->response;
    free(response->owned);
    ref_put(response->held);
    response->held = NULL;
    response->owned = bytes;
    response->status = status;
    response->content_type = content_type;
    response->bytes = bytes;
    response->length = length;
}

void reply_json(struct exchange *exchange, int status, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(document);
    reply_bytes(exchange, status, "application/json", text, strlen(text));
}
