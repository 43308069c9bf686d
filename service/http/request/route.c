#include "http/request/route.h"

#include "base/syntax.h"

#include <string.h>

/* Reads the next segment of a path; false: the end. */
static bool next_segment(const char **at, const char **segment, size_t *length)
{
    if (**at != '/') {
        return false;
    }
    *segment = *at + 1;
    *length = strcspn(*segment, "/");
    *at = *segment + *length;
    return true;
}

static bool is_parameter(const char *segment, size_t length)
{
    return length > 2 && segment[0] == '{' && segment[length - 1] == '}';
}

static bool path_matches(const char *pattern, const char *path)
{
    const char *wanted = NULL;
    const char *given = NULL;
    size_t wanted_length = 0;
    size_t given_length = 0;
    for (;;) {
        bool more_wanted = next_segment(&pattern, &wanted, &wanted_length);
        bool more_given = next_segment(&path, &given, &given_length);
        if (!more_wanted || !more_given) {
            return more_wanted == more_given;
        }
        if (is_parameter(wanted, wanted_length)) {
            if (given_length == 0) {
                return false;
            }
        } else if (wanted_length != given_length || strncmp(wanted, given, wanted_length) != 0) {
            return false;
        }
    }
}

/* Sets the parameters of the path. False: a segment is no valid percent-encoded UTF-8. */
static bool read_segments(struct exchange *exchange, const char *pattern)
{
    const char *path = exchange->path;
    const char *wanted = NULL;
    const char *given = NULL;
    size_t wanted_length = 0;
    size_t given_length = 0;
    while (next_segment(&pattern, &wanted, &wanted_length) &&
           next_segment(&path, &given, &given_length)) {
        if (!is_parameter(wanted, wanted_length)) {
            continue;
        }
        char *text = arena_allocate(exchange->arena, given_length + 1);
        if (!syntax_decode_percent(given, given_length, false, text) ||
            !syntax_is_utf8(text, strlen(text))) {
            return false;
        }
        exchange_set_parameter(exchange, arena_copy(exchange->arena, wanted + 1, wanted_length - 2),
                               text);
    }
    return true;
}

enum route_match route_find(struct exchange *exchange, const struct route *table)
{
    const char *method = strcmp(exchange->method, "HEAD") == 0 ? "GET" : exchange->method;
    enum route_match match = ROUTE_NOT_FOUND;
    for (const struct route *route = table; route->method != NULL; route++) {
        if (!path_matches(route->path, exchange->path)) {
            continue;
        }
        match = ROUTE_METHOD_NOT_ALLOWED;
        if (strcmp(route->method, method) == 0) {
            exchange->route = route;
            return read_segments(exchange, route->path) ? ROUTE_FOUND : ROUTE_MALFORMED;
        }
    }
    return match;
}

const char *route_allow(struct exchange *exchange, const struct route *table)
{
    const char *allow = NULL;
    for (const struct route *route = table; route->method != NULL; route++) {
        if (!path_matches(route->path, exchange->path)) {
            continue;
        }
        const char *methods = strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method;
        allow = allow == NULL ? methods : arena_print(exchange->arena, "%s, %s", allow, methods);
    }
    return allow == NULL ? NULL : arena_print(exchange->arena, "%s, OPTIONS", allow);
}

long route_max_body(const struct route *route, const struct application *application)
{
    return route->takes_file ? application->max_file_bytes : application->max_body_bytes;
}
