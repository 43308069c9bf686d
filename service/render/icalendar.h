/* Calendars in iCalendar (RFC 5545): lines of at most 75 octets, ended by CRLF, texts escaped. */
#ifndef ETS144_RENDER_ICALENDAR_H
#define ETS144_RENDER_ICALENDAR_H

#include <stddef.h>

struct icalendar; /* a calendar that is being written */

struct icalendar_day {
    const char *uid;
    const char *changed_at; /* since when it is so, RFC 3339 in UTC */
    const char *day;        /* 1997-05-01; an event that fills the day and nobody's time */
    const char *summary;
    const char *description;
    const char *category;
};

struct icalendar *icalendar_open(const char *language, const char *title);
void icalendar_add(struct icalendar *calendar, const struct icalendar_day *event);
/* Ends it and answers the bytes, from malloc; the calendar is gone. */
char *icalendar_close(struct icalendar *calendar, size_t *length);

#endif
