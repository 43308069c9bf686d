/* Forms that a text may have: a day, a moment, UTF-8, a State's code, a reference.
 * Nothing here knows where the text came from. */
#ifndef ETS144_BASE_SYNTAX_H
#define ETS144_BASE_SYNTAX_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { SYNTAX_TIME_SIZE = 64, SYNTAX_HTTP_DATE_SIZE = 30 };

/* A day of the Gregorian calendar as YYYY-MM-DD (ISO 8601), from 1900 to 2999. */
bool syntax_is_date(const char *text);
bool syntax_is_number(const char *text, long long most); /* digits alone, at most so many */

/* A moment as RFC 3339 has it, written again in UTC with microseconds and Z into canonical
 * (SYNTAX_TIME_SIZE bytes). Finer digits than microseconds are cut. */
bool syntax_read_time(const char *text, char *canonical);

/* A moment as HTTP has it, Tue, 24 Nov 2026 09:30:00 GMT (RFC 9110 §5.6.7, IMF-fixdate), from and
 * to the canonical form or seconds since 1970. */
bool syntax_read_http_date(const char *text, char *canonical);
void syntax_write_http_date(time_t moment, char text[SYNTAX_HTTP_DATE_SIZE]);

/* A moment in UTC as RFC 3339 or PostgreSQL writes it, in whole seconds since 1970; 0: it is none.
 */
time_t syntax_seconds(const char *moment);
bool syntax_is_database_time(const char *text); /* in UTC, as PostgreSQL writes it */

bool syntax_is_utf8(const char *bytes,
                    size_t length);              /* RFC 3629: no overlong form, no surrogate */
bool syntax_has_control(const char *text);       /* U+0000–001F except \n and \t, and U+007F */
bool syntax_is_state_code(const char *text);     /* two or three letters, any case */
bool syntax_is_reference(const char *text);      /* ITA-2, any case */
bool syntax_is_call_reference(const char *text); /* CG-REC-304, any case */
bool syntax_is_uuid(const char *text);           /* RFC 9562 §4, any case */
bool syntax_is_url(const char *text);            /* http(s)://host…, no space */

/* Decodes %XX in place-sized output (length + 1 bytes are enough); plus_is_space as HTML forms
 * have it. False: a broken code or an encoded NUL. */
bool syntax_decode_percent(const char *encoded, size_t length, bool plus_is_space, char *decoded);

/* The path in canonical spelling (RFC 3986 §6.2.2): percent-encoded unreserved characters as
 * themselves, other encodings in capitals. The text is in the arena. */
char *syntax_canonical_path(struct arena *arena, const char *path, size_t length);
/* A value as it stands in a query (RFC 3986 §3.4): what has a meaning there is written %XX. */
const char *syntax_encode_percent(struct arena *arena, const char *text);

/* The number of Unicode characters in valid UTF-8. */
size_t syntax_count_characters(const char *text);

#endif
