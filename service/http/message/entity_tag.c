#include "http/message/entity_tag.h"

#include "base/syntax.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

void entity_tag_make(const void *bytes, size_t length, char tag[ENTITY_TAG_SIZE])
{
    enum { DIGEST_SIZE = 32, DIGEST_SHOWN = 16 };
    unsigned char digest[DIGEST_SIZE];
    (void)gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, digest);
    char *at = tag;
    *at++ = '"';
    for (int i = 0; i < DIGEST_SHOWN; i++, at += 2) {
        (void)snprintf(at, 3, "%02x", digest[i]);
    }
    *at++ = '"';
    *at = '\0';
}

/* One element of a list. */
struct listed_tag {
    const char *text; /* with its quotes */
    size_t length;
    bool weak;
};

/* Reads the next tag. False: the end of the list, or, with *valid false, a syntax error. */
static bool next_tag(const char **at, struct listed_tag *tag, bool *valid)
{
    *at += strspn(*at, " \t,");
    if (**at == '\0') {
        return false;
    }
    tag->weak = strncmp(*at, "W/", 2) == 0;
    if (tag->weak) {
        *at += 2;
    }
    const char *closing = **at == '"' ? strchr(*at + 1, '"') : NULL;
    const char *after = closing != NULL ? closing + 1 + strspn(closing + 1, " \t") : NULL;
    if (after == NULL || (*after != ',' && *after != '\0')) {
        *valid = false;
        return false;
    }
    tag->text = *at;
    tag->length = (size_t)(closing + 1 - *at);
    *at = after;
    return true;
}

static bool is_star(const char *list)
{
    list += strspn(list, " \t");
    return list[0] == '*' && list[1 + strspn(list + 1, " \t")] == '\0';
}

bool entity_tag_in(const char *list, const char *tag, bool weak)
{
    if (is_star(list)) {
        return true;
    }
    bool valid = true;
    for (struct listed_tag listed; next_tag(&list, &listed, &valid);) {
        if ((weak || !listed.weak) && strlen(tag) == listed.length &&
            strncmp(tag, listed.text, listed.length) == 0) {
            return true;
        }
    }
    return false;
}

bool entity_tag_list_valid(const char *list)
{
    bool valid = !is_star(list);
    if (!valid) {
        return true;
    }
    int count = 0;
    for (struct listed_tag listed; next_tag(&list, &listed, &valid);) {
        count++;
    }
    return valid && count > 0;
}

/* Whether the representation was changed after the date; a date that is malformed, or a change that
 * is not known, is no condition. */
static bool changed_after(const char *date, time_t modified, bool otherwise)
{
    char canonical[SYNTAX_TIME_SIZE];
    return modified > 0 && syntax_read_http_date(date, canonical)
               ? modified > syntax_seconds(canonical)
               : otherwise;
}

bool condition_met(const char *if_none_match, const char *if_modified_since, const char *tag,
                   time_t modified)
{
    if (if_none_match != NULL) {
        return entity_tag_in(if_none_match, tag, true);
    }
    return if_modified_since != NULL && !changed_after(if_modified_since, modified, true);
}

bool precondition_failed(const char *if_match, const char *if_unmodified_since, const char *tag,
                         time_t modified)
{
    if (if_match != NULL) {
        return !entity_tag_in(if_match, tag, false);
    }
    return if_unmodified_since != NULL && changed_after(if_unmodified_since, modified, false);
}
