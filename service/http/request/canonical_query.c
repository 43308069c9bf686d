#include "http/request/canonical_query.h"

#include "http/request/media_type.h"

#include <string.h>

static bool is_listed(const char *const *names, const char *name, size_t length)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strlen(*names) == length && strncmp(*names, name, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *canonical_url(struct exchange *exchange, const char *path, const char *const *without)
{
    const char *url = path;
    const char *separator = "?";
    for (const char *at = exchange->canonical_query; *at != '\0'; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (!is_listed(without, at, strcspn(at, "="))) {
            url = arena_print(exchange->arena, "%s%s%.*s", url, separator, (int)length, at);
            separator = "&";
        }
        at += length;
    }
    return arena_print(exchange->arena, "%s%s%slang=%s", url, separator,
                       media_type_address(exchange), language_tag(exchange->language));
}
