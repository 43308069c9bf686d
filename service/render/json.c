#include "render/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };

enum { TIME_SIZE = sizeof "2026-11-24T09:30:00.500000Z" };

/* The time in RFC 3339, in `text`; `value` itself if it is not a time: infinity. */
static const char *format_time(const char *value, char text[TIME_SIZE])
{
    enum { WHOLE_SECONDS = 19, MICROSECOND_DIGITS = 6 };
    if (strlen(value) < WHOLE_SECONDS || value[10] != ' ') {
        return value;
    }
    memcpy(text, "0000-00-00T00:00:00.000000Z", TIME_SIZE);
    memcpy(text, value, WHOLE_SECONDS);
    text[10] = 'T';
    if (value[WHOLE_SECONDS] == '.') {
        const char *digits = value + WHOLE_SECONDS + 1;
        size_t length = strspn(digits, "0123456789");
        memcpy(text + WHOLE_SECONDS + 1, digits,
               length < MICROSECOND_DIGITS ? length : MICROSECOND_DIGITS);
    }
    return text;
}

const char *render_time(struct arena *arena, const char *value)
{
    char text[TIME_SIZE];
    return arena_copy_text(arena, format_time(value, text));
}

void json_add_time(struct buffer *buffer, const char *value)
{
    char text[TIME_SIZE];
    const char *time = format_time(value, text);
    json_add_text(buffer, time, strlen(time));
}

static bool is_plain(char byte)
{
    return (unsigned char)byte >= ' ' && byte != '"' && byte != '\\';
}

static void add_escape(struct buffer *buffer, char byte)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = strchr(named, byte);
    char escape[sizeof "\\u001F"];
    if (found != NULL) {
        (void)snprintf(escape, sizeof escape, "\\%c", letters[found - named]);
    } else {
        (void)snprintf(escape, sizeof escape, "\\u%04X", (unsigned)(unsigned char)byte);
    }
    buffer_add_text(buffer, escape);
}

void json_add_text(struct buffer *buffer, const char *text, size_t length)
{
    buffer_add(buffer, "\"", 1);
    for (size_t at = 0; at < length; at++) {
        size_t start = at;
        while (at < length && is_plain(text[at])) {
            at++;
        }
        buffer_add(buffer, text + start, at - start);
        if (at < length) {
            add_escape(buffer, text[at]);
        }
    }
    buffer_add(buffer, "\"", 1);
}

static int append(const char *bytes, size_t length, void *buffer)
{
    buffer_add(buffer, bytes, length);
    return 0;
}

void json_add_tree(struct buffer *buffer, const json_t *tree)
{
    if (tree == NULL || json_dump_callback(tree, append, buffer, FLAGS) != 0) {
        buffer_add_text(buffer, "null");
    }
}

json_t *json_tree_of(struct buffer *buffer)
{
    json_t *tree = json_loadb(buffer->bytes, buffer->length, JSON_DECODE_ANY, NULL);
    free(buffer->bytes);
    *buffer = (struct buffer){.bytes = NULL};
    return tree;
}

/* Jansson writes what has more than one spelling. */
static void add_rewritten(struct buffer *buffer, const char *json, size_t length)
{
    json_t *value = json_loadb(json, length, JSON_DECODE_ANY, NULL);
    json_add_tree(buffer, value);
    json_decref(value);
}

static void add_number(struct buffer *buffer, const char *text, size_t length)
{
    size_t whole = strspn(text, "-0123456789");
    if (whole >= length) {
        buffer_add(buffer, text, length);
    } else {
        add_rewritten(buffer, text, length);
    }
}

void json_add_number(struct buffer *buffer, const char *text)
{
    add_number(buffer, text, strlen(text));
}

/* Adds the string that begins here, and returns its length. */
static size_t copy_string(struct buffer *buffer, const char *json)
{
    bool one_spelling = true;
    size_t length = 1 + strcspn(json + 1, "\"\\");
    while (json[length] == '\\') {
        one_spelling = one_spelling && json[length + 1] != 'u' && json[length + 1] != '/';
        length += 2;
        length += strcspn(json + length, "\"\\");
    }
    length++;
    if (one_spelling) {
        buffer_add(buffer, json, length);
    } else {
        add_rewritten(buffer, json, length);
    }
    return length;
}

/* Adds the string, the number, or all up to the next of these or white space. */
static size_t copy_token(struct buffer *buffer, const char *json)
{
    if (json[0] == '"') {
        return copy_string(buffer, json);
    }
    size_t length = strspn(json, "-+.0123456789eE");
    if (length > 0) {
        add_number(buffer, json, length);
        return length;
    }
    length = strcspn(json, "\"-0123456789 \t\r\n");
    buffer_add(buffer, json, length);
    return length;
}

void json_add_compact(struct buffer *buffer, const char *json)
{
    static const char white_space[] = " \t\r\n";
    for (const char *at = json + strspn(json, white_space); *at != '\0';) {
        at += copy_token(buffer, at);
        at += strspn(at, white_space);
    }
}

bool json_needs_comma(const struct buffer *buffer)
{
    const char last = buffer->bytes[buffer->length - 1];
    return last != '{' && last != '[';
}

void json_add_comma(struct buffer *buffer)
{
    if (json_needs_comma(buffer)) {
        buffer_add(buffer, ",", 1);
    }
}

void json_add_name(struct buffer *buffer, const char *name)
{
    json_add_comma(buffer);
    json_add_text(buffer, name, strlen(name));
    buffer_add(buffer, ":", 1);
}

void json_reopen(struct buffer *buffer)
{
    buffer->length--;
}
