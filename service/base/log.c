#include "base/log.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yder.h>

enum { LINE_SIZE = 4096 };

static enum log_level log_threshold = LOG_LEVEL_INFO;

static const char *const level_names[] = {"error", "warning", "info", "debug"};

struct line {
    char bytes[LINE_SIZE];
    size_t length;
};

/* Leaves room for the closing brace and newline: a line that was cut is still JSON. */
static void line_put(struct line *line, const char *bytes, size_t length)
{
    if (line->length + length <= LINE_SIZE - 4) {
        memcpy(line->bytes + line->length, bytes, length);
        line->length += length;
    }
}

static void line_put_text(struct line *line, const char *text)
{
    line_put(line, text, strlen(text));
}

/* A JSON string (RFC 8259 §7). Each byte that is not ASCII is escaped as if it were Latin-1: what a
 * client sent may not be UTF-8, and the log must be. */
static void line_put_string(struct line *line, const char *text)
{
    enum { MAX_VALUE = 1024, MAX_ESCAPE = 6 };
    line_put(line, "\"", 1);
    size_t shown = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0' && shown < MAX_VALUE;
         at++, shown++) {
        if (line->length + MAX_ESCAPE > LINE_SIZE - 8) {
            break;
        }
        if (*at == '"' || *at == '\\') {
            char escaped[2] = {'\\', (char)*at};
            line_put(line, escaped, sizeof escaped);
        } else if (*at < 0x20 || *at >= 0x7f) {
            char escaped[MAX_ESCAPE + 1];
            (void)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)*at);
            line_put(line, escaped, MAX_ESCAPE);
        } else {
            line_put(line, (const char *)at, 1);
        }
    }
    line_put(line, "\"", 1);
}

static void line_put_time(struct line *line)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    (void)gmtime_r(&now.tv_sec, &utc);
    char text[64];
    size_t length = strftime(text, sizeof text, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &utc);
    line_put(line, text, length);
    (void)snprintf(text, sizeof text, ".%06ldZ\"", now.tv_nsec / NANOSECONDS_PER_MICROSECOND);
    line_put_text(line, text);
}

enum log_level log_level_named(const char *name)
{
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        if (strcmp(level_names[level], name) == 0) {
            return (enum log_level)level;
        }
    }
    return LOG_LEVEL_INFO;
}

bool log_is_on(enum log_level level)
{
    return level <= log_threshold;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t field_count)
{
    if (!log_is_on(level)) {
        return;
    }
    struct line line = {.length = 0};
    line_put_time(&line);
    line_put_text(&line, ",\"level\":\"");
    line_put_text(&line, level_names[level]);
    line_put_text(&line, "\",\"event\":");
    line_put_string(&line, event);
    for (size_t i = 0; i < field_count; i++) {
        if (fields[i].name == NULL || line.length > LINE_SIZE - 128) {
            continue;
        }
        line_put(&line, ",", 1);
        line_put_string(&line, fields[i].name);
        line_put(&line, ":", 1);
        if (fields[i].text != NULL) {
            line_put_string(&line, fields[i].text);
        } else {
            char number[24];
            (void)snprintf(number, sizeof number, "%lld", fields[i].number);
            line_put_text(&line, number);
        }
    }
    memcpy(line.bytes + line.length, "}\n", 2);
    line.length += 2;
    ssize_t written = write(STDERR_FILENO, line.bytes, line.length);
    (void)written; /* a failure could only be reported here */
}

static void on_yder_message(void *closure, const char *application, const time_t date,
                            const unsigned long level, const char *message)
{
    (void)closure;
    (void)application;
    (void)date;
    enum log_level ours = LOG_LEVEL_DEBUG;
    if (level == Y_LOG_LEVEL_ERROR) {
        ours = LOG_LEVEL_ERROR;
    } else if (level == Y_LOG_LEVEL_WARNING) {
        ours = LOG_LEVEL_WARNING;
    }
    log_event(ours, "library_message", log_text("library", "ulfius"), log_text("message", message));
}

void log_open(enum log_level level)
{
    log_threshold = level;
    (void)y_init_logs("ets144", Y_LOG_MODE_CALLBACK, Y_LOG_LEVEL_WARNING, NULL, NULL);
    (void)y_set_logs_callback(on_yder_message, NULL, NULL);
}
