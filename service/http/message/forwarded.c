#include "http/message/forwarded.h"

#include <string.h>
#include <strings.h>

struct span {
    const char *text;
    size_t length;
};

static struct span trimmed(const char *text, size_t length)
{
    while (length > 0 && strchr(" \t", text[0]) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(" \t", text[length - 1]) != NULL) {
        length--;
    }
    return (struct span){.text = text, .length = length};
}

/* Reads the part up to the next separator that is not within quotes. False: the end. */
static bool next_part(const char **at, const char *end, char separator, struct span *part)
{
    if (*at == NULL) {
        return false;
    }
    const char *from = *at;
    bool quoted = false;
    const char *to = from;
    for (; to < end && (quoted || *to != separator); to++) {
        if (quoted && *to == '\\' && to + 1 < end) {
            to++;
        } else if (*to == '"') {
            quoted = !quoted;
        }
    }
    *part = trimmed(from, (size_t)(to - from));
    *at = to < end ? to + 1 : NULL;
    return true;
}

static bool span_is(struct span span, const char *word)
{
    return span.length == strlen(word) && strncasecmp(span.text, word, span.length) == 0;
}

/* 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:4711 */
static bool read_node(struct span node, struct address *address)
{
    if (node.length > 1 && node.text[0] == '[') {
        const char *closing = memchr(node.text, ']', node.length);
        return closing != NULL &&
               address_read(node.text + 1, (size_t)(closing - node.text) - 1, address);
    }
    const char *colon = memchr(node.text, ':', node.length);
    bool port = colon != NULL && memrchr(node.text, ':', node.length) == colon;
    return address_read(node.text, port ? (size_t)(colon - node.text) : node.length, address);
}

/* Adds a hop; if there are too many, the farthest is dropped. */
static struct hop *add_hop(struct hops *hops)
{
    if (hops->count == MAX_HOPS) {
        memmove(hops->rows, hops->rows + 1, (MAX_HOPS - 1) * sizeof hops->rows[0]);
        hops->count--;
    }
    struct hop *hop = &hops->rows[hops->count++];
    *hop = (struct hop){.known = false};
    return hop;
}

/* name=value, the value a token or in quotes. Addresses and schemes need no escapes. */
static void read_pair(struct span pair, struct hop *hop)
{
    const char *equals = memchr(pair.text, '=', pair.length);
    if (equals == NULL) {
        return;
    }
    size_t name_length = (size_t)(equals - pair.text);
    struct span name = {.text = pair.text, .length = name_length};
    struct span value = {.text = equals + 1, .length = pair.length - name_length - 1};
    if (value.length > 1 && value.text[0] == '"' && value.text[value.length - 1] == '"') {
        value = (struct span){.text = value.text + 1, .length = value.length - 2};
    }
    if (span_is(name, "for")) {
        hop->known = read_node(value, &hop->address);
    } else if (span_is(name, "proto")) {
        hop->secure = span_is(value, "https");
    }
}

struct hops forwarded_read(const char *forwarded)
{
    struct hops hops = {.count = 0};
    const char *end = forwarded != NULL ? forwarded + strlen(forwarded) : NULL;
    for (struct span element; next_part(&forwarded, end, ',', &element);) {
        struct hop *hop = add_hop(&hops);
        const char *at = element.text;
        for (struct span pair; next_part(&at, element.text + element.length, ';', &pair);) {
            read_pair(pair, hop);
        }
    }
    return hops;
}

/* Each proxy adds to X-Forwarded-For. X-Forwarded-Proto may be shorter: its leftmost entry holds
 * for the hops farther away. */
struct hops forwarded_read_separate(const char *forwarded_for, const char *forwarded_proto)
{
    struct hops hops = {.count = 0};
    const char *end = forwarded_for != NULL ? forwarded_for + strlen(forwarded_for) : NULL;
    for (struct span node; next_part(&forwarded_for, end, ',', &node);) {
        struct hop *hop = add_hop(&hops);
        hop->known = read_node(node, &hop->address);
    }
    struct hops protos = {.count = 0};
    end = forwarded_proto != NULL ? forwarded_proto + strlen(forwarded_proto) : NULL;
    for (struct span proto; next_part(&forwarded_proto, end, ',', &proto);) {
        add_hop(&protos)->secure = span_is(proto, "https");
    }
    for (int i = 1; i <= hops.count && protos.count > 0; i++) {
        int from_right = i < protos.count ? i : protos.count;
        hops.rows[hops.count - i].secure = protos.rows[protos.count - from_right].secure;
    }
    return hops;
}
