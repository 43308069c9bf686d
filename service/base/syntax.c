#include "base/syntax.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { YEAR_FIRST = 1900, YEAR_LAST = 2999 };

/* Reads exactly count digits; -1: fewer are there. */
static int read_digits(const char **at, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return -1;
        }
        number = number * 10 + (**at - '0');
    }
    return number;
}

static bool read_character(const char **at, char character)
{
    if (**at != character) {
        return false;
    }
    (*at)++;
    return true;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_date(const char **at, struct tm *day)
{
    int year = read_digits(at, 4);
    if (year < YEAR_FIRST || year > YEAR_LAST || !read_character(at, '-')) {
        return false;
    }
    int month = read_digits(at, 2);
    if (month < 1 || month > 12 || !read_character(at, '-')) {
        return false;
    }
    int day_of_month = read_digits(at, 2);
    if (day_of_month < 1 || day_of_month > days_of_month(year, month)) {
        return false;
    }
    day->tm_year = year - 1900;
    day->tm_mon = month - 1;
    day->tm_mday = day_of_month;
    return true;
}

bool syntax_is_date(const char *text)
{
    struct tm day;
    return read_date(&text, &day) && *text == '\0';
}

static bool read_clock(const char **at, struct tm *moment, int *microseconds)
{
    moment->tm_hour = read_digits(at, 2);
    if (moment->tm_hour < 0 || moment->tm_hour > 23 || !read_character(at, ':')) {
        return false;
    }
    moment->tm_min = read_digits(at, 2);
    if (moment->tm_min < 0 || moment->tm_min > 59 || !read_character(at, ':')) {
        return false;
    }
    moment->tm_sec = read_digits(at, 2);
    if (moment->tm_sec < 0 || moment->tm_sec > 60) {
        return false;
    }
    *microseconds = 0;
    if (read_character(at, '.')) {
        int digits = 0;
        for (; **at >= '0' && **at <= '9'; (*at)++, digits++) {
            if (digits < 6) {
                *microseconds = *microseconds * 10 + (**at - '0');
            }
        }
        for (int i = digits; i < 6; i++) {
            *microseconds *= 10;
        }
        return digits > 0;
    }
    return true;
}

/* Reads the offset from UTC in seconds. A space is read as the plus that a query decodes to it. */
static bool read_offset(const char **at, int *offset)
{
    *offset = 0;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return true;
    }
    char sign = **at;
    if (sign != '+' && sign != '-' && sign != ' ') {
        return false;
    }
    (*at)++;
    int hours = read_digits(at, 2);
    if (hours < 0 || hours > 23 || !read_character(at, ':')) {
        return false;
    }
    int minutes = read_digits(at, 2);
    if (minutes < 0 || minutes > 59) {
        return false;
    }
    *offset = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

/* An offset may lead out of the years of the register: a link with that time would be refused. */
static bool is_known_year(const struct tm *utc)
{
    return utc->tm_year >= YEAR_FIRST - 1900 && utc->tm_year <= YEAR_LAST - 1900;
}

bool syntax_read_time(const char *text, char *canonical)
{
    struct tm moment = {0};
    int microseconds = 0;
    int offset = 0;
    if (!read_date(&text, &moment) || (*text != 'T' && *text != 't' && *text != ' ')) {
        return false;
    }
    text++;
    if (!read_clock(&text, &moment, &microseconds) || !read_offset(&text, &offset) ||
        *text != '\0') {
        return false;
    }
    time_t seconds = timegm(&moment) - offset;
    struct tm utc;
    (void)gmtime_r(&seconds, &utc);
    char whole[SYNTAX_TIME_SIZE];
    (void)strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(canonical, SYNTAX_TIME_SIZE, "%.*s.%06dZ", SYNTAX_TIME_SIZE - 20, whole,
                   microseconds);
    return is_known_year(&utc);
}

bool syntax_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t done = 0; done < length;) {
        size_t step = utf8_sequence(at + done, length - done);
        if (step == 0) {
            return false;
        }
        done += step;
    }
    return true;
}

bool syntax_has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if ((*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f) {
            return true;
        }
    }
    return false;
}

static size_t count_letters(const char *text)
{
    size_t count = 0;
    while ((text[count] >= 'A' && text[count] <= 'Z') ||
           (text[count] >= 'a' && text[count] <= 'z')) {
        count++;
    }
    return count;
}

bool syntax_is_state_code(const char *text)
{
    size_t letters = count_letters(text);
    return (letters == 2 || letters == 3) && text[letters] == '\0';
}

bool syntax_is_alpha3(const char *text)
{
    return syntax_is_state_code(text) && strlen(text) == 3;
}

/* A whole number from 1 on that fits the database's integer. */
static bool is_record_number(const char *text)
{
    enum { MAX_NUMBER = 9 };
    size_t digits = strspn(text, "0123456789");
    return text[0] != '0' && digits > 0 && digits <= MAX_NUMBER && text[digits] == '\0';
}

bool syntax_is_reference(const char *text)
{
    return count_letters(text) == 3 && text[3] == '-' && is_record_number(text + 4);
}

bool syntax_is_membership(const char *text)
{
    return count_letters(text) == 3 && text[3] == '-' && (text[4] == 'M' || text[4] == 'm') &&
           is_record_number(text + 5);
}

bool syntax_is_local_name(const char *text)
{
    enum { MAX_LENGTH = 40 };
    size_t length = text[0] == '#' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    return length > 0 && length < MAX_LENGTH && text[1 + length] == '\0';
}

bool syntax_is_call_reference(const char *text)
{
    enum { MAX_LENGTH = 40 };
    size_t length = strlen(text);
    if (length > MAX_LENGTH || strstr(text, "--") != NULL || text[0] == '-' || length == 0 ||
        text[length - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

bool syntax_is_uuid(const char *text)
{
    static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(text) != sizeof pattern - 1) {
        return false;
    }
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return true;
}

/* A year of two digits that is more than 50 years ahead is of the century before. */
static void set_century(struct tm *utc)
{
    enum { CENTURY = 100, MAX_AHEAD = 50 };
    const time_t now = time(NULL);
    struct tm today;
    (void)gmtime_r(&now, &today);
    int year = today.tm_year - today.tm_year % CENTURY + utc->tm_year % CENTURY;
    utc->tm_year = year > today.tm_year + MAX_AHEAD ? year - CENTURY : year;
}

bool syntax_read_http_date(const char *text, char *canonical)
{
    enum { MAX_TEXT = 40 };
    static const struct {
        const char *read;
        const char *written;
        bool short_year;
    } forms[] = {
        {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S GMT", false}, /* IMF-fixdate */
        {"%a, %d-%b-%y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", true},  /* RFC 850 */
        {"%a %b %d %H:%M:%S %Y", "%a %b %e %H:%M:%S %Y", false},           /* asctime() */
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm utc = {.tm_sec = 0};
        const char *end = strptime(text, forms[i].read, &utc);
        if (end == NULL || *end != '\0') {
            continue;
        }
        if (forms[i].short_year) {
            set_century(&utc);
        }
        /* A day that the month does not have, or a wrong name of the day, is written differently.
         */
        const time_t moment = timegm(&utc);
        char again[MAX_TEXT];
        (void)strftime(again, sizeof again, forms[i].written, gmtime_r(&moment, &utc));
        (void)strftime(canonical, SYNTAX_TIME_SIZE, "%Y-%m-%dT%H:%M:%S.000000Z", &utc);
        return strcmp(text, again) == 0 && is_known_year(&utc);
    }
    return false;
}

void syntax_write_http_date(time_t moment, char text[SYNTAX_HTTP_DATE_SIZE])
{
    struct tm utc;
    (void)strftime(text, SYNTAX_HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT",
                   gmtime_r(&moment, &utc));
}

time_t syntax_seconds(const char *time)
{
    struct tm utc = {.tm_sec = 0};
    char copy[] = "0000-00-00 00:00:00";
    if (strlen(time) < sizeof copy - 1) {
        return 0;
    }
    memcpy(copy, time, sizeof copy - 1);
    copy[10] = ' ';
    return strptime(copy, "%Y-%m-%d %H:%M:%S", &utc) != NULL ? timegm(&utc) : 0;
}

bool syntax_is_database_time(const char *text)
{
    char written[] = "0000-00-00 00:00:00";
    const time_t seconds = syntax_seconds(text);
    struct tm utc;
    if (seconds == 0 || gmtime_r(&seconds, &utc) == NULL ||
        strftime(written, sizeof written, "%Y-%m-%d %H:%M:%S", &utc) != sizeof written - 1 ||
        strncmp(written, text, sizeof written - 1) != 0) {
        return false;
    }
    const char *rest = text + sizeof written - 1;
    rest += *rest == '.' ? 1 + strspn(rest + 1, "0123456789") : 0;
    return strcmp(rest, "+00") == 0;
}

bool syntax_is_url(const char *text)
{
    const char *rest = NULL;
    if (strncmp(text, "https://", 8) == 0) {
        rest = text + 8;
    } else if (strncmp(text, "http://", 7) == 0) {
        rest = text + 7;
    } else {
        return false;
    }
    for (const unsigned char *at = (const unsigned char *)rest; *at != '\0'; at++) {
        if (*at <= 0x20 || *at == '"' || *at == '<' || *at == '>' || *at == 0x7f) {
            return false;
        }
    }
    return isalnum((unsigned char)rest[0]) || rest[0] == '[';
}

static int hexadecimal(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool syntax_decode_percent(const char *encoded, size_t length, bool plus_is_space, char *decoded)
{
    for (size_t i = 0; i < length; i++) {
        if (encoded[i] == '%') {
            if (length - i < 3) {
                return false;
            }
            int high = hexadecimal(encoded[i + 1]);
            int low = hexadecimal(encoded[i + 2]);
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                return false;
            }
            *(unsigned char *)decoded++ = (unsigned char)(high * 16 + low);
            i += 2;
        } else {
            *decoded++ = encoded[i];
            if (plus_is_space && encoded[i] == '+') {
                decoded[-1] = ' ';
            }
        }
    }
    *decoded = '\0';
    return true;
}

const char *syntax_encode_percent(struct arena *arena, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~,:/@!$'()*;";
    char *encoded = arena_allocate(arena, 3 * strlen(text) + 1);
    char *to = encoded;
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr(plain, *at) != NULL) {
            *to++ = *at;
        } else {
            to += snprintf(to, 4, "%%%02X", (unsigned char)*at);
        }
    }
    return encoded;
}

static bool is_unreserved(int byte)
{
    return byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL) && byte != '\0';
}

char *syntax_canonical_path(struct arena *arena, const char *path, size_t length)
{
    char *canonical = arena_copy(arena, path, length);
    char *to = canonical;
    bool broken = false;
    for (const char *at = canonical; *at != '\0'; at++) {
        int high = *at == '%' ? hexadecimal(at[1]) : -1;
        int low = high >= 0 ? hexadecimal(at[2]) : -1;
        broken = broken || (*at == '%' && low < 0);
        if (broken || low < 0) {
            *to++ = *at;
        } else if (is_unreserved(high * 16 + low)) {
            *to++ = (char)(high * 16 + low);
            at += 2;
        } else {
            *to++ = '%';
            *to++ = (char)toupper((unsigned char)at[1]);
            *to++ = (char)toupper((unsigned char)at[2]);
            at += 2;
        }
    }
    *to = '\0';
    return canonical;
}

size_t syntax_count_characters(const char *text)
{
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        count += (*at & 0xc0) != 0x80;
    }
    return count;
}

bool syntax_is_number(const char *text, long long maximum)
{
    enum { MAX_DIGITS = 18 };
    size_t length = strspn(text, "0123456789");
    return length > 0 && length <= MAX_DIGITS && text[length] == '\0' &&
           strtoll(text, NULL, 10) <= maximum;
}
