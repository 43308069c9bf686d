#include "http/message/problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct problem_kind kinds[PROBLEM_COUNT] = {
#define PROBLEM(name, slug_, status_, title_en, title_fr, meaning_en, meaning_fr)                  \
    [PROBLEM_##name] = {                                                                           \
        .slug = (slug_),                                                                           \
        .status = (status_),                                                                       \
        .title = {[LANGUAGE_ENGLISH] = (title_en), [LANGUAGE_FRENCH] = (title_fr)},                \
        .meaning = {[LANGUAGE_ENGLISH] = (meaning_en), [LANGUAGE_FRENCH] = (meaning_fr)}},
#include "words/problem.def"
#undef PROBLEM
};

static const char *const places[] = {
    [FAULT_POINTER] = "pointer",
    [FAULT_PARAMETER] = "parameter",
    [FAULT_HEADER] = "header",
    [FAULT_COLUMN] = "column",
};

const struct problem_kind *problem_kind(enum problem_type type)
{
    return &kinds[type];
}

const struct problem_kind *problem_kind_by_slug(const char *slug)
{
    for (int type = 0; type < PROBLEM_COUNT; type++) {
        if (strcmp(kinds[type].slug, slug) == 0) {
            return &kinds[type];
        }
    }
    return NULL;
}

/* A JSON string of any bytes: a text that is not UTF-8 is read as Latin-1. */
static json_t *json_text(struct exchange *exchange, const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL) {
        return string;
    }
    char *shown = arena_allocate(exchange->arena, 2 * strlen(text) + 1);
    char *to = shown;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x80) {
            *to++ = (char)*at;
        } else {
            *to++ = (char)(0xc0 | (*at >> 6));
            *to++ = (char)(0x80 | (*at & 0x3f));
        }
    }
    return json_string(shown);
}

static bool is_within(const char *pointer, const char *outer)
{
    size_t length = strlen(outer);
    return strncmp(pointer, outer, length) == 0 &&
           (pointer[length] == '\0' || pointer[length] == '/');
}

/* The column that fills the field or a part of it, or NULL. */
static const char *column_of(const struct exchange *exchange, const char *pointer)
{
    for (const struct file_column *column = exchange->columns; column->name != NULL; column++) {
        if (is_within(pointer, column->pointer) || is_within(column->pointer, pointer)) {
            return column->name;
        }
    }
    return NULL;
}

static void set_place(struct exchange *exchange, json_t *fault, enum fault_place place,
                      const char *where)
{
    if (exchange->line > 0) {
        json_object_set_new(fault, "line", json_integer(exchange->line));
    }
    if (where == NULL || (place == FAULT_POINTER && where[0] == '\0')) {
        return;
    }
    const char *column =
        place == FAULT_POINTER && exchange->columns != NULL ? column_of(exchange, where) : NULL;
    json_object_set_new(fault, places[column != NULL ? FAULT_COLUMN : place],
                        json_text(exchange, column != NULL ? column : where));
}

bool fault_reserve(struct exchange *exchange)
{
    size_t most = exchange->line > 0 ? MAX_FILE_FAULTS : MAX_REQUEST_FAULTS;
    if (json_array_size(exchange->faults) < most) {
        return true;
    }
    exchange->fault_count++;
    return false;
}

void fault_add(struct exchange *exchange, enum fault_place place, const char *where,
               const char *type, const char *detail)
{
    if (!fault_reserve(exchange)) {
        return;
    }
    exchange->fault_count++;
    if (exchange->faults == NULL) {
        exchange->faults = json_array();
    }
    json_t *fault = json_object();
    if (type != NULL) {
        json_object_set_new(fault, "type", json_string(type));
    }
    set_place(exchange, fault, place, where);
    json_object_set_new(fault, "detail", json_text(exchange, detail));
    json_array_append_new(exchange->faults, fault);
}

bool fault_found(const struct exchange *exchange)
{
    return exchange->faults != NULL;
}

struct sorted_fault {
    json_int_t line; /* 0: not in a file */
    size_t index;    /* makes the order of a line's faults stable */
    json_t *fault;
};

static int compare_lines(const void *one, const void *other)
{
    const struct sorted_fault *first = one;
    const struct sorted_fault *second = other;
    if (first->line != second->line) {
        return first->line < second->line ? -1 : 1;
    }
    return first->index < second->index ? -1 : 1;
}

void faults_sort(struct exchange *exchange)
{
    size_t count = json_array_size(exchange->faults);
    struct sorted_fault *sorted =
        arena_allocate(exchange->arena, (count + 1) * sizeof(struct sorted_fault));
    for (size_t i = 0; i < count; i++) {
        json_t *fault = json_array_get(exchange->faults, i);
        sorted[i] =
            (struct sorted_fault){json_integer_value(json_object_get(fault, "line")), i, fault};
    }
    qsort(sorted, count, sizeof(struct sorted_fault), compare_lines);
    json_t *faults = json_array();
    for (size_t i = 0; i < count && i < MAX_FILE_FAULTS; i++) {
        json_array_append(faults, sorted[i].fault);
    }
    json_decref(exchange->faults);
    exchange->faults = faults;
}

static const char *detail_of_faults(struct exchange *exchange)
{
    size_t listed = json_array_size(exchange->faults);
    if (listed == 0) {
        return NULL;
    }
    if (exchange->fault_count == 1) {
        return json_string_value(json_object_get(json_array_get(exchange->faults, 0), "detail"));
    }
    const char *number = arena_print(exchange->arena, "%zu", exchange->fault_count);
    return exchange_sentence(
        exchange, listed < exchange->fault_count ? MESSAGE_MANY_FAULTS : MESSAGE_SEVERAL_FAULTS,
        number, arena_print(exchange->arena, "%zu", listed), NULL);
}

void problem_reply_as(struct exchange *exchange, const char *slug, int status, const char *title,
                      const char *detail)
{
    json_t *document = json_object();
    json_object_set_new(document, "type",
                        json_string(arena_print(exchange->arena, "/problems/%s", slug)));
    json_object_set_new(document, "title", json_string(title));
    json_object_set_new(document, "status", json_integer(status));
    if (detail == NULL) {
        detail = detail_of_faults(exchange);
    }
    if (detail != NULL) {
        json_object_set_new(document, "detail", json_text(exchange, detail));
    }
    json_object_set_new(document, "instance", json_text(exchange, exchange->path));
    json_object_set_new(document, "request_id", json_string(exchange->request_id));
    if (exchange->faults != NULL) {
        json_object_set(document, "errors", exchange->faults);
    }
    if (exchange->fault_count > json_array_size(exchange->faults)) {
        json_object_set_new(document, "error_count",
                            json_integer((json_int_t)exchange->fault_count));
    }
    /* Headers of a response that was prepared before do not apply to the problem. */
    exchange->response.header_count = 0;
    exchange->response.etag = NULL;
    exchange->response.modified = 0;
    exchange->response.encoding = ENCODING_IDENTITY;
    reply_json(exchange, status, document);
    exchange->response.content_type = "application/problem+json";
}

void problem_reply(struct exchange *exchange, enum problem_type type, const char *detail)
{
    const struct problem_kind *kind = &kinds[type];
    problem_reply_as(exchange, kind->slug, kind->status, kind->title[exchange->language], detail);
}
