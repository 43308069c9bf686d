/* The syntax of texts: dates, times, UTF-8, percent-encoding, codes, references, URLs. */
#ifndef ETS144_BASE_SYNTAX_H
#define ETS144_BASE_SYNTAX_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { SYNTAX_TIME_SIZE = 64, SYNTAX_HTTP_DATE_SIZE = 30 };

/* A date of the Gregorian calendar as YYYY-MM-DD (ISO 8601), from 1900 to 2999. */
bool syntax_is_date(const char *text);
bool syntax_is_number(const char *text, long long maximum); /* digits only, at most the maximum */

/* Reads a time of RFC 3339 and writes it to `canonical` (SYNTAX_TIME_SIZE bytes) in UTC with
 * microseconds and Z, which reads as itself. Digits beyond microseconds are dropped. */
bool syntax_read_time(const char *text, char *canonical);

/* Reads a date of HTTP in any of its three forms (RFC 9110 §5.6.7) to the canonical form above. */
bool syntax_read_http_date(const char *text, char *canonical);
/* Writes seconds since 1970 as IMF-fixdate: Tue, 24 Nov 2026 09:30:00 GMT. */
void syntax_write_http_date(time_t moment, char text[SYNTAX_HTTP_DATE_SIZE]);

/* Whole seconds since 1970 of a time in UTC as RFC 3339 or PostgreSQL writes it; 0: it is
 * malformed. */
time_t syntax_seconds(const char *time);
bool syntax_is_database_time(const char *text); /* as PostgreSQL writes it in UTC */

bool syntax_is_utf8(const char *bytes,
                    size_t length);              /* RFC 3629: no overlong encoding, no surrogate */
bool syntax_has_control(const char *text);       /* U+0000–001F except \n and \t, and U+007F */
bool syntax_is_state_code(const char *text);     /* two or three letters, any case */
bool syntax_is_alpha3(const char *text);         /* three letters, any case */
bool syntax_is_reference(const char *text);      /* ITA-2, any case */
bool syntax_is_membership(const char *text);     /* CZE-M1, any case */
bool syntax_is_local_name(const char *text);     /* #deposit, of an operation of a changeset */
bool syntax_is_call_reference(const char *text); /* CG-REC-304, any case */
bool syntax_is_uuid(const char *text);           /* RFC 9562 §4, any case */
bool syntax_is_url(const char *text);            /* http(s)://host…, no space */

/* Decodes %XX into `decoded`, which needs length + 1 bytes; plus_is_space: as in HTML forms. False:
 * a broken code or an encoded NUL. */
bool syntax_decode_percent(const char *encoded, size_t length, bool plus_is_space, char *decoded);

/* The path in canonical spelling (RFC 3986 §6.2.2): percent-encoded unreserved characters as
 * themselves, other encodings in capitals. What follows a % that encodes nothing stays as it is:
 * decoded, it could become a code with that %. The text is in the arena. */
char *syntax_canonical_path(struct arena *arena, const char *path, size_t length);

/* A value for a query (RFC 3986 §3.4), with reserved characters as %XX. Lives in the arena. */
const char *syntax_encode_percent(struct arena *arena, const char *text);

/* The number of Unicode characters in valid UTF-8. */
size_t syntax_count_characters(const char *text);

#endif
