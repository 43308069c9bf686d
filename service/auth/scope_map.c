#include "auth/scope_map.h"

#include "auth/token.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value of the claim, and a scope that it gives. */
struct scope_rule {
    char *value; /* owned */
    const char *scope;
};

struct scope_map {
    const char *claim;
    struct scope_rule *rules;
    size_t count;
};

/* A part of a text. */
struct part {
    const char *bytes;
    size_t length;
};

static bool part_is(struct part part, const char *text)
{
    return strlen(text) == part.length && memcmp(part.bytes, text, part.length) == 0;
}

static struct part trim(const char *bytes, size_t length)
{
    while (length > 0 && bytes[0] == ' ') {
        bytes++;
        length--;
    }
    while (length > 0 && bytes[length - 1] == ' ') {
        length--;
    }
    return (struct part){bytes, length};
}

/* NULL: it is no scope. */
static const char *scope_named(struct part name)
{
    for (int i = 0; token_scopes[i] != NULL; i++) {
        if (part_is(name, token_scopes[i])) {
            return token_scopes[i];
        }
    }
    return NULL;
}

static void add_rule(struct scope_map *map, struct part value, const char *scope)
{
    map->rules = memory_reallocate(map->rules, (map->count + 1) * sizeof map->rules[0]);
    char *copy = memory_allocate(value.length + 1);
    memcpy(copy, value.bytes, value.length);
    map->rules[map->count++] = (struct scope_rule){.value = copy, .scope = scope};
}

static bool add_scopes(struct scope_map *map, struct part value, struct part scopes)
{
    const char *end = scopes.bytes + scopes.length;
    for (const char *at = scopes.bytes; at <= end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        struct part name = trim(at, (size_t)(stop - at));
        const char *scope = scope_named(name);
        if (scope == NULL) {
            (void)fprintf(stderr, "ets144: ETS144_OIDC_SCOPES has \"%.*s\", which is no scope.\n",
                          (int)name.length, name.bytes);
            return false;
        }
        add_rule(map, value, scope);
        at = stop + 1;
    }
    return true;
}

/* "value=scope,scope". The last equals sign counts: a value may be a name such as CN=Editors. */
static bool add_entry(struct scope_map *map, struct part entry)
{
    size_t equals = entry.length;
    while (equals > 0 && entry.bytes[equals - 1] != '=') {
        equals--;
    }
    struct part value = trim(entry.bytes, equals > 0 ? equals - 1 : 0);
    if (value.length == 0) {
        (void)fprintf(stderr,
                      "ets144: ETS144_OIDC_SCOPES has \"%.*s\"; it takes entries such as "
                      "editor=actions:write,calls:write separated by semicolons.\n",
                      (int)entry.length, entry.bytes);
        return false;
    }
    return add_scopes(map, value, (struct part){entry.bytes + equals, entry.length - equals});
}

struct scope_map *scope_map_read(const char *claim, const char *text)
{
    struct scope_map *map = memory_allocate(sizeof *map);
    map->claim = claim;
    bool good = true;
    while (good && *text != '\0') {
        size_t length = strcspn(text, ";");
        struct part entry = trim(text, length);
        good = entry.length == 0 || add_entry(map, entry);
        text += length;
        text += *text == ';';
    }
    if (!good) {
        scope_map_free(map);
        return NULL;
    }
    return map;
}

void scope_map_free(struct scope_map *map)
{
    for (size_t i = 0; map != NULL && i < map->count; i++) {
        free(map->rules[i].value);
    }
    if (map != NULL) {
        free(map->rules);
        free(map);
    }
}

/* The member of an object that a JSON Pointer's part names; ~1 is a slash, ~0 a tilde. */
static const json_t *member_at(const json_t *object, struct part name)
{
    char *plain = memory_allocate(name.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < name.length; i++) {
        bool escaped = name.bytes[i] == '~' && i + 1 < name.length;
        i += escaped;
        plain[length++] = (char)(!escaped ? name.bytes[i] : name.bytes[i] == '1' ? '/' : '~');
    }
    const json_t *member = json_object_get(object, plain);
    free(plain);
    return member;
}

static const json_t *claim_of(const struct scope_map *map, const json_t *claims)
{
    const json_t *found = claims;
    const char *at = map->claim;
    if (*at != '/') {
        return json_object_get(claims, at);
    }
    while (*at == '/') {
        size_t length = strcspn(at + 1, "/");
        found = member_at(found, (struct part){at + 1, length});
        at += length + 1;
    }
    return found;
}

static bool value_gives(const struct scope_map *map, struct part value, const char *scope)
{
    if (map->count == 0) {
        return part_is(value, scope);
    }
    for (size_t i = 0; i < map->count; i++) {
        if (part_is(value, map->rules[i].value) && strcmp(map->rules[i].scope, scope) == 0) {
            return true;
        }
    }
    return false;
}

static bool list_gives(const struct scope_map *map, const char *list, const char *scope)
{
    while (*list != '\0') {
        size_t length = strcspn(list, " ");
        if (value_gives(map, (struct part){list, length}, scope)) {
            return true;
        }
        list += length;
        list += *list == ' ';
    }
    return false;
}

static bool claim_gives(const struct scope_map *map, const json_t *claim, const char *scope)
{
    if (json_is_string(claim)) {
        return list_gives(map, json_string_value(claim), scope);
    }
    size_t index = 0;
    const json_t *value = NULL;
    json_array_foreach(claim, index, value) {
        struct part part = {json_string_value(value), json_string_length(value)};
        if (part.bytes != NULL && value_gives(map, part, scope)) {
            return true;
        }
    }
    return false;
}

json_t *scope_map_apply(const struct scope_map *map, const json_t *claims)
{
    const json_t *claim = claim_of(map, claims);
    json_t *scopes = json_array();
    for (int i = 0; token_scopes[i] != NULL; i++) {
        if (claim_gives(map, claim, token_scopes[i])) {
            json_array_append_new(scopes, json_string(token_scopes[i]));
        }
    }
    return scopes;
}
