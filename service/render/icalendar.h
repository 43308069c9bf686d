/* Calendars in iCalendar (RFC 5545): all-day events, in one language. */
#ifndef ETS144_RENDER_ICALENDAR_H
#define ETS144_RENDER_ICALENDAR_H

#include <stddef.h>

struct icalendar; /* a calendar while it is written */

struct icalendar_day {
    const char *uid;
    const char *changed_at; /* RFC 3339 in UTC: DTSTAMP */
    const char *day;        /* 1997-05-01 */
    const char *summary;
    const char *description;
    const char *category;
};

/* The language and the texts are borrowed. */
struct icalendar *icalendar_open(const char *language, const char *title);
void icalendar_add(struct icalendar *calendar, const struct icalendar_day *event);
/* Frees the calendar; its bytes, from malloc. */
char *icalendar_close(struct icalendar *calendar, size_t *length);

#endif
