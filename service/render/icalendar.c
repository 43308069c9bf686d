#include "render/icalendar.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 5545 §3.1: octets of a line without its line break. */
enum { MAX_LINE = 75 };

struct icalendar {
    const char *language;
    struct buffer buffer;
};

/* The length of the UTF-8 sequence at this place. */
static size_t sequence_length(const char *at)
{
    size_t length = 1;
    while (((unsigned char)at[length] & 0xc0U) == 0x80U) {
        length++;
    }
    return length;
}

/* Adds a line, folded between characters if it is too long (§3.1). */
static void put_line(struct icalendar *calendar, const char *line)
{
    size_t used = 0;
    for (size_t length = 0; *line != '\0'; line += length) {
        length = sequence_length(line);
        if (used + length > MAX_LINE) {
            buffer_add_text(&calendar->buffer, "\r\n ");
            used = 1;
        }
        buffer_add(&calendar->buffer, line, length);
        used += length;
    }
    buffer_add_text(&calendar->buffer, "\r\n");
}

/* A value of type TEXT (§3.3.11), from malloc, without control characters, which it must not have.
 */
static char *escape(const char *text)
{
    char *escaped = memory_allocate(strlen(text) * 2 + 1);
    char *to = escaped;
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            to = stpcpy(to, "\\n");
        } else if (strchr("\\;,", *text) != NULL) {
            *to++ = '\\';
            *to++ = *text;
        } else if ((unsigned char)*text >= 0x20 && *text != 0x7f) {
            *to++ = *text;
        } else if (*text == '\t') {
            *to++ = ' ';
        }
    }
    return escaped;
}

/* "SUMMARY;LANGUAGE=fr:…" */
static void put_text(struct icalendar *calendar, const char *property, const char *text)
{
    char *escaped = escape(text);
    struct buffer line = {.bytes = NULL};
    const char *const parts[] = {property, ";LANGUAGE=", calendar->language, ":", escaped};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buffer_add_text(&line, parts[i]);
    }
    buffer_add(&line, "", 1);
    put_line(calendar, line.bytes);
    free(line.bytes);
    free(escaped);
}

/* A DATE (§3.3.4) or DATE-TIME (§3.3.5) from RFC 3339: 19970501, 20261124T093000Z. */
static void put_time(struct icalendar *calendar, const char *property, const char *time)
{
    char line[64];
    char *to = stpcpy(line, property);
    size_t whole = strcspn(time, ".");
    for (size_t i = 0; i < whole && to < line + sizeof line - 2; i++) {
        if (time[i] != '-' && time[i] != ':') {
            *to++ = time[i];
        }
    }
    (void)stpcpy(to, strchr(time, 'T') != NULL ? "Z" : "");
    put_line(calendar, line);
}

struct icalendar *icalendar_open(const char *language, const char *title)
{
    struct icalendar *calendar = memory_allocate(sizeof *calendar);
    calendar->language = language;
    put_line(calendar, "BEGIN:VCALENDAR");
    put_line(calendar, "VERSION:2.0");
    put_line(calendar, "PRODID:-//Council of Europe//ETS 144 " ETS144_VERSION "//EN");
    put_line(calendar, "CALSCALE:GREGORIAN");
    put_text(calendar, "NAME", title);         /* RFC 7986 §5.1 */
    put_text(calendar, "X-WR-CALNAME", title); /* for readers before RFC 7986 */
    put_line(calendar, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    return calendar;
}

void icalendar_add(struct icalendar *calendar, const struct icalendar_day *event)
{
    put_line(calendar, "BEGIN:VEVENT");
    char uid[64];
    (void)snprintf(uid, sizeof uid, "UID:%s", event->uid);
    put_line(calendar, uid);
    put_time(calendar, "DTSTAMP:", event->changed_at);
    put_time(calendar, "DTSTART;VALUE=DATE:", event->day);
    put_text(calendar, "SUMMARY", event->summary);
    put_text(calendar, "DESCRIPTION", event->description);
    put_text(calendar, "CATEGORIES", event->category);
    put_line(calendar, "TRANSP:TRANSPARENT");
    put_line(calendar, "END:VEVENT");
}

char *icalendar_close(struct icalendar *calendar, size_t *length)
{
    put_line(calendar, "END:VCALENDAR");
    char *bytes = calendar->buffer.bytes;
    *length = calendar->buffer.length;
    free(calendar);
    return bytes;
}
