/* The log: a JSON object per line on stderr, each in one write. README.md lists the events.
 * Never log a token, a body or a query string. */
#ifndef ETS144_BASE_LOG_H
#define ETS144_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *name; /* NULL: the field is left out */
    const char *text; /* NULL: the number is the value */
    long long number;
};

static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){.name = name, .text = text != NULL ? text : ""};
}

static inline struct log_field log_number(const char *name, long long number)
{
    return (struct log_field){.name = name, .number = number};
}

/* log_event(LOG_LEVEL_INFO, "listening", log_text("address", a), log_number("port", 8144)); */
#define log_event(level, event, ...)                                                               \
    log_write((level), (event), (struct log_field[]){__VA_ARGS__},                                 \
              sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* The level of this name (error, warning, info, debug); info for any other. */
enum log_level log_level_named(const char *name);

/* Sets the level, and redirects Ulfius's messages (Yder) to this log. Before any thread starts. */
void log_open(enum log_level level);
bool log_is_on(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t field_count);

#endif
