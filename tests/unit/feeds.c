/* Calendars and feeds as bytes: what RFC 5545 asks of lines and texts, and what XML has no
 * character for. */
#include "base/memory.h"
#include "cases.h"
#include "render/atom.h"
#include "render/icalendar.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The calendar of one event, as text. */
static char *calendar_of(const struct icalendar_day *event)
{
    struct icalendar *calendar = icalendar_open("en", "Days");
    icalendar_add(calendar, event);
    size_t length = 0;
    char *bytes = icalendar_close(calendar, &length);
    char *text = memory_allocate(length + 1);
    memcpy(text, bytes, length);
    free(bytes);
    return text;
}

static const struct icalendar_day plain = {.uid = "u",
                                           .changed_at = "2026-11-24T09:30:00.123456Z",
                                           .day = "1997-05-01",
                                           .summary = "s",
                                           .description = "d",
                                           .category = "c"};

START_TEST(a_day_and_a_moment_lose_what_stands_between_their_digits)
{
    char *text = calendar_of(&plain);
    ck_assert_ptr_nonnull(strstr(text, "\r\nDTSTART;VALUE=DATE:19970501\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nDTSTAMP:20261124T093000Z\r\n"));
    free(text);
}
END_TEST

START_TEST(a_text_is_escaped_and_has_no_control_character)
{
    struct icalendar_day event = plain;
    event.summary = "a\\b;c,d\ne\tf\rg\x01h\x7fi: \"j\"";
    char *text = calendar_of(&event);
    ck_assert_ptr_nonnull(
        strstr(text, "\r\nSUMMARY;LANGUAGE=en:a\\\\b\\;c\\,d\\ne fghi: \"j\"\r\n"));
    free(text);
}
END_TEST

/* A summary of so many letters and then a character of two, three or four octets, in every place a
 * fold may have. */
START_TEST(a_line_is_folded_between_characters)
{
    static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        for (int letters = 0; letters < 160; letters++) {
            char summary[256];
            memset(summary, 'x', (size_t)letters);
            (void)stpcpy(stpcpy(summary + letters, characters[i]), "end");
            struct icalendar_day event = plain;
            event.summary = summary;
            char *text = calendar_of(&event);
            char unfolded[4096];
            char *to = unfolded;
            size_t used = 0;
            for (const char *at = text; *at != '\0'; at++) {
                if (strncmp(at, "\r\n ", 3) == 0) {
                    ck_assert_uint_le(used, 75);
                    used = 1;
                    at += 2;
                } else if (strncmp(at, "\r\n", 2) == 0) {
                    ck_assert_uint_le(used, 75);
                    used = 0;
                    *to++ = '\n';
                    at++;
                } else {
                    /* No line begins within a character. */
                    ck_assert(used > 1 || ((unsigned char)*at & 0xc0U) != 0x80U);
                    used++;
                    *to++ = *at;
                }
            }
            *to = '\0';
            char expected[300];
            (void)stpcpy(stpcpy(stpcpy(expected, "\nSUMMARY;LANGUAGE=en:"), summary), "\n");
            ck_assert_ptr_nonnull(strstr(unfolded, expected));
            free(text);
        }
    }
}
END_TEST

START_TEST(a_feed_is_escaped_and_has_only_what_xml_has)
{
    struct atom *feed = atom_open("fr");
    atom_text(feed, "title",
              "<a> & \"b\" ]]> \x01\x1f\t\n \xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd \xc3\xa9");
    const struct atom_link link = {.relation = "self", .address = "/a?b=1&c=\"<\x02>\""};
    atom_link(feed, &link);
    atom_entry_begin(feed);
    atom_author(feed, "n");
    atom_category(feed, "t", "s", "l");
    size_t length = 0;
    char *bytes = atom_close(feed, &length);
    static const char expected[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">"
        "<title>&lt;a&gt; &amp; &quot;b&quot; ]]&gt; \xef\xbf\xbd\xef\xbf\xbd\t\n "
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xc3\xa9</title>"
        "<link rel=\"self\" href=\"/a?b=1&amp;c=&quot;&lt;\xef\xbf\xbd&gt;&quot;\"/>"
        "<entry><author><name>n</name></author>"
        "<category term=\"t\" scheme=\"s\" label=\"l\"/></entry></feed>\n";
    ck_assert_uint_eq(length, sizeof expected - 1);
    ck_assert_int_eq(memcmp(bytes, expected, length), 0);
    free(bytes);
}
END_TEST

TCase *feeds_case(void)
{
    TCase *feeds = tcase_create("feeds");
    tcase_add_test(feeds, a_day_and_a_moment_lose_what_stands_between_their_digits);
    tcase_add_test(feeds, a_text_is_escaped_and_has_no_control_character);
    tcase_add_test(feeds, a_line_is_folded_between_characters);
    tcase_add_test(feeds, a_feed_is_escaped_and_has_only_what_xml_has);
    return feeds;
}
