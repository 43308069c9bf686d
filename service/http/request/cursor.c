#include "http/request/cursor.h"

#include "http/message/entity_tag.h"

#include <orcania.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CURSOR = 1024 };

/* A digest of the path and the filters' values. */
static const char *binding(struct exchange *exchange, const char *const *filters)
{
    const char *text = exchange->path;
    for (int i = 0; filters[i] != NULL; i++) {
        const char *value = exchange_value(exchange, filters[i]);
        text = arena_print(exchange->arena, "%s\n%s=%s", text, filters[i],
                           value != NULL ? value : "\x01");
    }
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    entity_tag_make(text, strlen(text), tag);
    return tag;
}

const char *cursor_make(struct exchange *exchange, const char *const *names,
                        const char *const *filters)
{
    json_t *fields = json_array();
    json_array_append_new(fields, json_string(binding(exchange, filters)));
    for (int i = 0; names[i] != NULL; i++) {
        const char *value = exchange_value(exchange, names[i]);
        json_array_append_new(fields, value != NULL ? json_string(value) : json_null());
    }
    char *text = json_dumps(fields, JSON_COMPACT);
    json_decref(fields);
    size_t size = strlen(text) * 2 + 4;
    unsigned char *encoded = arena_allocate(exchange->arena, size);
    size_t length = 0;
    (void)o_base64url_encode((const unsigned char *)text, strlen(text), encoded, &length);
    free(text);
    return arena_copy(exchange->arena, (const char *)encoded, length);
}

/* NULL: it is malformed. */
static json_t *decode(struct exchange *exchange, const char *cursor)
{
    size_t length = strlen(cursor);
    if (length > MAX_CURSOR) {
        return NULL;
    }
    unsigned char *decoded = arena_allocate(exchange->arena, length + 4);
    size_t decoded_length = 0;
    if (!o_base64url_decode((const unsigned char *)cursor, length, decoded, &decoded_length)) {
        return NULL;
    }
    return json_loadb((const char *)decoded, decoded_length, JSON_REJECT_DUPLICATES, NULL);
}

static bool take_fields(struct exchange *exchange, const json_t *fields, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const json_t *value = json_array_get(fields, i + 1);
        if (!json_is_string(value) && !json_is_null(value)) {
            return false;
        }
        exchange_set_argument(exchange, names[i],
                              arena_copy_text(exchange->arena, json_string_value(value)));
    }
    return true;
}

bool cursor_read(struct exchange *exchange, const char *cursor, const char *const *names,
                 const char *const *filters)
{
    json_t *fields = decode(exchange, cursor);
    const char *bound = json_string_value(json_array_get(fields, 0));
    bool taken = bound != NULL && strcmp(bound, binding(exchange, filters)) == 0 &&
                 take_fields(exchange, fields, names);
    json_decref(fields);
    return taken;
}

bool cursor_peek(struct exchange *exchange, const char *cursor, const char *const *names)
{
    json_t *fields = decode(exchange, cursor);
    bool taken = take_fields(exchange, fields, names);
    json_decref(fields);
    return taken;
}
