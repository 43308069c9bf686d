#include "http/server/request_target.h"

#include <string.h>
#include <strings.h>

/* Sets the target of an absolute form (RFC 9112 §3.2.2) to its path and query. */
static bool take_absolute_form(struct span *target, bool options)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t length = strlen(schemes[i]);
        if (target->length <= length || strncasecmp(target->text, schemes[i], length) != 0) {
            continue;
        }
        char *host = target->text + length;
        size_t host_length = 0;
        while (length + host_length < target->length && host[host_length] != '/' &&
               host[host_length] != '?') {
            host_length++;
        }
        if (!span_is_host((struct span){host, host_length}) || host_length == 0 || host[0] == ':') {
            return false;
        }
        target->text += length + host_length;
        target->length -= length + host_length;
        if (target->length == 0 || target->text[0] == '?') {
            *--target->text = options && target->length == 0 ? '*' : '/';
            target->length++;
        }
        return true;
    }
    return false;
}

static bool is_printable(const char *text, size_t length)
{
    bool printable = true;
    for (size_t i = 0; i < length; i++) {
        printable = printable && (unsigned char)text[i] > ' ' && text[i] != 0x7f;
    }
    return printable;
}

static bool method_is(struct span method, const char *name)
{
    return method.length == strlen(name) && memcmp(method.text, name, method.length) == 0;
}

enum refusal request_target_check(struct span method, struct span *target)
{
    if (!is_printable(target->text, target->length)) {
        return REFUSAL_TARGET;
    }
    if (target->text[0] == '/' && method.text[0] != 'C') {
        return REFUSAL_NONE;
    }
    if (method_is(method, "CONNECT")) {
        return REFUSAL_CONNECT;
    }
    bool options = method_is(method, "OPTIONS");
    bool known = target->text[0] == '/' || (options && method_is(*target, "*")) ||
                 take_absolute_form(target, options);
    return known ? REFUSAL_NONE : REFUSAL_TARGET;
}

void request_target_cut(struct span *target)
{
    enum { SHOWN = 256 };
    size_t length = 0;
    while (length < target->length && length < SHOWN && target->text[length] != '?' &&
           is_printable(target->text + length, 1)) {
        length++;
    }
    target->length = length;
    if (length == 0 || target->text[0] != '/') {
        target->text[0] = '/';
        target->length = 1;
    }
}
