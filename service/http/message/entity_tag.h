/* Entity tags (RFC 9110 §8.8.3) and the conditions of reads (§13.2.2). */
#ifndef ETS144_HTTP_MESSAGE_ENTITY_TAG_H
#define ETS144_HTTP_MESSAGE_ENTITY_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { ENTITY_TAG_SIZE = 40 };

/* The strong tag of these bytes, with its quotes: the first half of their SHA-256. */
void entity_tag_make(const void *bytes, size_t length, char tag[ENTITY_TAG_SIZE]);

/* Whether a list of tags, or *, matches the tag. weak: by weak comparison (If-None-Match). */
bool entity_tag_in(const char *list, const char *tag, bool weak);

/* Whether the header is syntactically a list of entity tags, or *. */
bool entity_tag_list_valid(const char *list);

/* Whether the client has the representation. If-None-Match takes precedence over If-Modified-Since;
 * NULL: not sent. `modified` 0: not known. */
bool condition_met(const char *if_none_match, const char *if_modified_since, const char *tag,
                   time_t modified);

/* Whether the representation is not the one that the client asks for (RFC 9110 §13.1.1, §13.1.4).
 * If-Match takes precedence over If-Unmodified-Since; NULL: not sent. `modified` 0: not known. */
bool precondition_failed(const char *if_match, const char *if_unmodified_since, const char *tag,
                         time_t modified);

#endif
