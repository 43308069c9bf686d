#include "http/request/negotiation.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An element of an Accept-… header; the weight is in thousandths. */
struct range {
    const char *text;
    size_t length;
    int weight;
};

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* The q parameter in thousandths: 1000 if it is not given, 0 if it is malformed. */
static int read_weight(const char *parameters, const char *end)
{
    for (const char *at = parameters; at != NULL && at < end; at = strchr(at, ';')) {
        at = skip_blanks(at + (*at == ';'));
        if (at + 1 < end && (at[0] == 'q' || at[0] == 'Q') && at[1] == '=') {
            char *stop = NULL;
            double weight = strtod(at + 2, &stop);
            return stop > at + 2 && weight >= 0 && weight <= 1 ? (int)(weight * 1000 + 0.5) : 0;
        }
    }
    return 1000;
}

static bool next_range(const char **at, struct range *range)
{
    *at += strspn(*at, " \t,");
    if (**at == '\0') {
        return false;
    }
    const char *end = *at + strcspn(*at, ",");
    size_t length = strcspn(*at, ",; \t");
    const char *parameters = memchr(*at, ';', (size_t)(end - *at));
    range->text = *at;
    range->length = length;
    range->weight = read_weight(parameters, end);
    *at = end;
    return true;
}

static bool range_is(const struct range *range, const char *text)
{
    return strlen(text) == range->length && strncasecmp(range->text, text, range->length) == 0;
}

/* How specific a range matches the type: 3 exact, 2 as type/ *, 1 as any type, 0 not at all. */
static int specificity(const struct range *range, const char *type)
{
    if (range_is(range, type)) {
        return 3;
    }
    size_t main_length = strcspn(type, "/") + 1;
    if (range->length == main_length + 1 && range->text[main_length] == '*' &&
        strncasecmp(range->text, type, main_length) == 0) {
        return 2;
    }
    return range_is(range, "*/*") ? 1 : 0;
}

/* The most specific range decides the weight (RFC 9110 §12.5.1). */
static int weight_of(const char *accept, const char *type)
{
    int best = 0;
    int weight = 0;
    for (struct range range; next_range(&accept, &range);) {
        int specific = specificity(&range, type);
        if (specific > best) {
            best = specific;
            weight = range.weight;
        }
    }
    return weight;
}

int negotiate_media(const char *accept, const char *const *offered)
{
    if (accept == NULL || *skip_blanks(accept) == '\0') {
        return 0;
    }
    int best = -1;
    int best_weight = 0;
    for (int i = 0; offered[i] != NULL; i++) {
        int weight = weight_of(accept, offered[i]);
        if (weight > best_weight) {
            best = i;
            best_weight = weight;
        }
    }
    return best;
}

enum language negotiate_language(const char *accept_language)
{
    if (accept_language == NULL) {
        return LANGUAGE_ENGLISH;
    }
    int english = 0;
    int french = 0;
    int any = 0;
    for (struct range range; next_range(&accept_language, &range);) {
        struct range primary = range;
        const char *dash = memchr(range.text, '-', range.length);
        if (dash != NULL) {
            primary.length = (size_t)(dash - range.text);
        }
        if (range_is(&primary, "en") && range.weight > english) {
            english = range.weight;
        } else if (range_is(&primary, "fr") && range.weight > french) {
            french = range.weight;
        } else if (range_is(&range, "*")) {
            any = range.weight;
        }
    }
    return french > (english > any ? english : any) ? LANGUAGE_FRENCH : LANGUAGE_ENGLISH;
}

enum encoding negotiate_encoding(const char *accept_encoding)
{
    int weights[ENCODING_COUNT] = {-1, -1, -1};
    int any = -1;
    for (struct range range; accept_encoding != NULL && next_range(&accept_encoding, &range);) {
        if (range_is(&range, "gzip") || range_is(&range, "x-gzip")) {
            weights[ENCODING_GZIP] = range.weight;
        } else if (range_is(&range, "br")) {
            weights[ENCODING_BROTLI] = range.weight;
        } else if (range_is(&range, "identity")) {
            weights[ENCODING_IDENTITY] = range.weight;
        } else if (range_is(&range, "*")) {
            any = range.weight;
        }
    }
    enum encoding best = ENCODING_IDENTITY;
    int best_weight = weights[ENCODING_IDENTITY] > 0 ? weights[ENCODING_IDENTITY] : 0;
    for (int i = ENCODING_GZIP; i < ENCODING_COUNT; i++) {
        int weight = weights[i] >= 0 ? weights[i] : any;
        if (weight > 0 && weight >= best_weight) {
            best = (enum encoding)i;
            best_weight = weight;
        }
    }
    return best;
}

/* Reads "wait = 25" up to a comma, a semicolon or the end; -1: it is another preference. */
static long read_wait(const char *at)
{
    static const char name[] = "wait";
    if (strncasecmp(at, name, sizeof name - 1) != 0) {
        return -1;
    }
    at += sizeof name - 1;
    at += strspn(at, " \t");
    if (*at != '=') {
        return -1;
    }
    at += 1 + strspn(at + 1, " \t");
    char *end = NULL;
    long seconds = isdigit((unsigned char)*at) ? strtol(at, &end, 10) : -1;
    return seconds >= 0 && strchr(",;", end[strspn(end, " \t")]) != NULL ? seconds : -1;
}

int negotiate_wait(const char *prefer)
{
    for (const char *at = prefer; at != NULL && *at != '\0'; at += *at == ',') {
        at += strspn(at, " \t");
        long seconds = read_wait(at);
        if (seconds >= 0) {
            return (int)(seconds < MAX_WAIT_SECONDS ? seconds : MAX_WAIT_SECONDS);
        }
        at += strcspn(at, ",");
    }
    return 0;
}
