#include "config.h"

#include "base/address.h"
#include "base/memory.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX CONFIG_PREFIX

extern char **environ;

enum setting_type {
    SETTING_TEXT,
    SETTING_SECRET,
    SETTING_NUMBER,
    SETTING_CHOICE,
    SETTING_ORIGIN,  /* https://host[:port], without a path */
    SETTING_ADDRESS, /* a URI with its scheme */
    SETTING_CONTACT, /* mailto:, https: or tel:, as RFC 9116 §2.5.3 has it */
    SETTING_RANGES   /* of addresses, as address.h reads them */
};

struct setting {
    const char *name; /* without the prefix */
    enum setting_type type;
    const char *standard; /* the default, as it would be written in the environment */
    long least;
    long most;
    const char *choices; /* separated by a space */
    size_t offset;
    const char *meaning;
};

/* A SETTING_SECRET may also be given as a file: NAME_FILE holds the path, its first line counts. */
static const struct setting settings[] = {
    {"LISTEN_ADDRESS", SETTING_TEXT, "127.0.0.1", 0, 0, NULL,
     offsetof(struct config, listen_address), "IPv4 or IPv6 address to listen on"},
    {"PORT", SETTING_NUMBER, "8144", 0, 65535, NULL, offsetof(struct config, port),
     "TCP port to listen on; 0 takes a free one, which the log names"},
    {"DATABASE_URL", SETTING_SECRET, "postgresql:///ets144?user=ets144_service", 0, 0, NULL,
     offsetof(struct config, database_url), "libpq connection URL of the role ets144_service"},
    {"READ_DATABASE_URL", SETTING_SECRET, "", 0, 0, NULL,
     offsetof(struct config, read_database_url),
     "libpq connection URL of standbys, for reads; empty: DATABASE_URL answers them too"},
    {"LISTENER_DATABASE_URL", SETTING_SECRET, "", 0, 0, NULL,
     offsetof(struct config, listener_database_url),
     "libpq connection URL for what needs a session of its own, where the others lead to a pooler "
     "that lends one for a transaction; empty: DATABASE_URL"},
    {"ADMIN_DATABASE_URL", SETTING_SECRET, "", 0, 0, NULL,
     offsetof(struct config, admin_database_url),
     "libpq connection URL of the role ets144_admin, for `token` and `import`; empty: "
     "DATABASE_URL"},
    {"POOL_SIZE", SETTING_NUMBER, "4", 1, 256, NULL, offsetof(struct config, pool_size),
     "database connections held open"},
    {"CHECKOUT_TIMEOUT_MS", SETTING_NUMBER, "200", 1, 60000, NULL,
     offsetof(struct config, checkout_timeout_ms),
     "how long a request waits for a database connection"},
    {"STATEMENT_TIMEOUT_MS", SETTING_NUMBER, "2000", 10, 600000, NULL,
     offsetof(struct config, statement_timeout_ms), "how long one statement may take"},
    {"DATABASE_HEARTBEAT_TIMEOUT_MS", SETTING_NUMBER, "150", 10, 60000, NULL,
     offsetof(struct config, database_heartbeat_timeout_ms),
     "silence of the database after which requests no longer wait for it"},
    {"THREADS", SETTING_NUMBER, "4", 1, 256, NULL, offsetof(struct config, threads),
     "threads that serve client connections, and never wait for the database"},
    {"HANDLER_THREADS", SETTING_NUMBER, "32", 1, 1024, NULL,
     offsetof(struct config, handler_threads),
     "threads that process requests for which the database is asked"},
    {"CONNECTION_LIMIT", SETTING_NUMBER, "0", 0, 1000000, NULL,
     offsetof(struct config, connection_limit),
     "client connections held at once; 0: as many as open files allow"},
    {"IDLE_TIMEOUT", SETTING_NUMBER, "60", 1, 3600, NULL, offsetof(struct config, idle_timeout),
     "seconds after which a silent client connection is closed"},
    {"REQUEST_TIMEOUT", SETTING_NUMBER, "30", 1, 3600, NULL,
     offsetof(struct config, request_timeout),
     "seconds that a request may take to arrive, and one more for each KiB of its body"},
    {"RESPONSE_TIMEOUT", SETTING_NUMBER, "300", 61, 86400, NULL,
     offsetof(struct config, response_timeout),
     "seconds that a client may take to fetch its answer"},
    {"MAX_BODY_BYTES", SETTING_NUMBER, "65536", 1024, 67108864, NULL,
     offsetof(struct config, max_body_bytes), "largest request body"},
    {"MAX_FILE_BYTES", SETTING_NUMBER, "16777216", 1024, 67108864, NULL,
     offsetof(struct config, max_file_bytes), "largest file to import"},
    {"MAX_FILE_ROWS", SETTING_NUMBER, "10000", 1, 1000000, NULL,
     offsetof(struct config, max_file_rows), "most rows of a file to import"},
    {"IMPORT_TIMEOUT_MS", SETTING_NUMBER, "30000", 10, 600000, NULL,
     offsetof(struct config, import_timeout_ms), "how long one statement of an import may take"},
    {"DRAIN_DELAY_MS", SETTING_NUMBER, "3000", 0, 600000, NULL,
     offsetof(struct config, drain_delay_ms),
     "how long after SIGTERM all is still answered, while /health/ready says no and proxies turn "
     "to other replicas"},
    {"SHUTDOWN_GRACE", SETTING_NUMBER, "10", 0, 600, NULL, offsetof(struct config, shutdown_grace),
     "seconds that running requests have to finish after that"},
    {"CACHE_ENTRIES", SETTING_NUMBER, "8192", 0, 1000000, NULL,
     offsetof(struct config, cache_entries),
     "entries of the response cache, by canonical and by verbatim key; 0: none"},
    {"CACHE_BYTES", SETTING_NUMBER, "67108864", 0, 4294967296, NULL,
     offsetof(struct config, cache_bytes),
     "memory of the response cache"},
    {"CACHE_WARMING", SETTING_CHOICE, "yes", 0, 0, "yes no", offsetof(struct config, cache_warming),
     "render the common responses at the start and after each revision: yes or no"},
    {"STALE_IF_ERROR", SETTING_NUMBER, "3600", 0, 31536000, NULL,
     offsetof(struct config, stale_if_error),
     "age in seconds up to which cached responses are served while the database is away (RFC 5861)"},
    {"WEBHOOKS", SETTING_CHOICE, "yes", 0, 0, "yes no", offsetof(struct config, webhooks),
     "deliver webhooks from this replica: yes or no"},
    {"WEBHOOK_CONCURRENCY", SETTING_NUMBER, "100", 1, 1000, NULL,
     offsetof(struct config, webhook_concurrency),
     "deliveries under way at once; from 100 on, no webhook ever waits for another"},
    {"WEBHOOK_TIMEOUT_MS", SETTING_NUMBER, "10000", 100, 60000, NULL,
     offsetof(struct config, webhook_timeout_ms), "how long a receiver has to answer one delivery"},
    {"WEBHOOK_BACKOFF_MS", SETTING_NUMBER, "5000", 10, 3600000, NULL,
     offsetof(struct config, webhook_backoff_ms),
     "pause after a first failure; four times as long after each further one"},
    {"WEBHOOK_RETRY_FOR", SETTING_NUMBER, "259200", 1, 2592000, NULL,
     offsetof(struct config, webhook_retry_for),
     "seconds over which a delivery is tried before it becomes a dead letter"},
    {"WEBHOOK_HTTP", SETTING_CHOICE, "no", 0, 0, "yes no", offsetof(struct config, webhook_http),
     "allow webhooks without TLS: yes or no"},
    {"WEBHOOK_PRIVATE", SETTING_CHOICE, "no", 0, 0, "yes no",
     offsetof(struct config, webhook_private),
     "allow webhooks to private and loopback addresses, and to any port: yes or no"},
    {"WEBHOOK_CA_FILE", SETTING_TEXT, "/etc/ssl/certs/ca-certificates.crt", 0, 0, NULL,
     offsetof(struct config, webhook_ca_file),
     "certificates (PEM) that receivers are checked by, and no others"},
    {"LOG_LEVEL", SETTING_CHOICE, "info", 0, 0, "error warning info debug",
     offsetof(struct config, log_level), "error, warning, info (a line a request) or debug"},
    {"PUBLIC_URL", SETTING_ORIGIN, "", 0, 0, NULL, offsetof(struct config, public_url),
     "where clients find the service, such as https://register.example; empty: links are relative"},
    {"PUBLISHER", SETTING_TEXT, "The register's keepers", 0, 0, NULL,
     offsetof(struct config, publisher), "who publishes the data, for catalogues"},
    {"CONTACT", SETTING_CONTACT, "", 0, 0, NULL, offsetof(struct config, contact),
     "whom to ask about the data: mailto:…, https://… or tel:…; empty: nobody is named"},
    {"LICENCE", SETTING_ADDRESS, "", 0, 0, NULL, offsetof(struct config, licence),
     "address of the licence that the data has, which its owner chooses; empty: none is named"},
    {"SECURITY_CONTACT", SETTING_CONTACT, "", 0, 0, NULL, offsetof(struct config, security_contact),
     "whom /.well-known/security.txt names: mailto:…, https://… or tel:…; empty: there is none"},
    {"CLIENT_RATE", SETTING_NUMBER, "0", 0, 100000, NULL, offsetof(struct config, client_rate),
     "requests a second that one client may send for long; 0: as many as it likes"},
    {"CLIENT_BURST", SETTING_NUMBER, "100", 1, 1000000, NULL, offsetof(struct config, client_burst),
     "requests that a client may send at once after a quiet while, if CLIENT_RATE is set"},
    {"CLIENT_CONNECTIONS", SETTING_NUMBER, "0", 0, 100000, NULL,
     offsetof(struct config, client_connections),
     "connections that one client may hold at once; 0: as many as it likes"},
    {"TLS_CERTIFICATE_FILE", SETTING_TEXT, "", 0, 0, NULL,
     offsetof(struct config, tls_certificate_file),
     "certificate to serve TLS with, in PEM, then those that vouch for it; empty: plain HTTP"},
    {"TLS_KEY_FILE", SETTING_TEXT, "", 0, 0, NULL, offsetof(struct config, tls_key_file),
     "its private key, in PEM; SIGHUP reads both files again"},
    {"TRUSTED_PROXIES", SETTING_RANGES, "", 0, 0, NULL, offsetof(struct config, trusted_proxies),
     "addresses and ranges of proxies that are believed whom they pass on, such as 10.0.0.0/8"},
    {"PROXY_HEADER", SETTING_CHOICE, "x-forwarded", 0, 0, "x-forwarded forwarded",
     offsetof(struct config, proxy_header),
     "where they say it: x-forwarded (X-Forwarded-For and -Proto) or forwarded (RFC 7239)"},
    {"TOKENS_OVER_HTTP", SETTING_CHOICE, "local", 0, 0, "local anywhere",
     offsetof(struct config, tokens_over_http),
     "who may send a token without TLS: local (this machine alone) or anywhere"},
    {"METRICS_CLIENTS", SETTING_RANGES, "loopback", 0, 0, NULL,
     offsetof(struct config, metrics_clients),
     "addresses and ranges that may read /metrics, such as 10.0.0.0/8 ::1; empty: nobody"},
};
enum { SETTING_COUNT = sizeof settings / sizeof settings[0] };

static char **text_of(struct config *config, const struct setting *setting)
{
    return (char **)(void *)((char *)config + setting->offset);
}

static long *number_of(struct config *config, const struct setting *setting)
{
    return (long *)(void *)((char *)config + setting->offset);
}

static bool choice_allowed(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = choices; at != NULL && length > 0; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, value, length) == 0 && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Visible ASCII without what would have to be escaped where it is shown. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text >= 0x7f || strchr("\"<>\\^`{|}", *text) != NULL) {
            return false;
        }
    }
    return true;
}

static bool is_origin(const char *value)
{
    bool web = begins_with(value, "http://") || begins_with(value, "https://");
    const char *host = web ? strstr(value, "://") + 3 : "";
    return host[0] != '\0' && strpbrk(host, "/?#@") == NULL && is_plain(value);
}

/* RFC 3986 §3: a scheme, a colon, and more. */
static bool is_address(const char *value)
{
    size_t scheme = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    return scheme > 1 && value[scheme] == ':' && value[scheme + 1] != '\0' && is_plain(value);
}

static bool is_contact(const char *value)
{
    return (begins_with(value, "mailto:") || begins_with(value, "https://") ||
            begins_with(value, "tel:")) &&
           is_plain(value);
}

static bool is_ranges(const char *value)
{
    struct address_ranges ranges;
    return address_ranges_read(value, &ranges);
}

/* Texts that must have a form, unless they are empty. */
static const struct {
    bool (*has_form)(const char *value);
    const char *takes;
} forms[] = {
    [SETTING_ORIGIN] = {is_origin, "an address such as https://register.example, without a path"},
    [SETTING_RANGES] = {is_ranges,
                        "addresses and ranges such as 10.0.0.0/8 ::1, or the word loopback"},
    [SETTING_ADDRESS] = {is_address,
                         "an address such as https://creativecommons.org/licenses/by/4.0/"},
    [SETTING_CONTACT] = {is_contact, "an address that begins with mailto:, https:// or tel:"},
};

static bool text_has_form(const struct setting *setting, const char *value, FILE *errors)
{
    if (value[0] == '\0' || (size_t)setting->type >= sizeof forms / sizeof forms[0] ||
        forms[setting->type].has_form == NULL || forms[setting->type].has_form(value)) {
        return true;
    }
    (void)fprintf(errors, "ets144: " PREFIX "%s is \"%s\"; it takes %s.\n", setting->name, value,
                  forms[setting->type].takes);
    return false;
}

static bool setting_take(struct config *config, const struct setting *setting, const char *value,
                         FILE *errors)
{
    if (setting->type == SETTING_NUMBER) {
        char *end = NULL;
        errno = 0;
        long number = strtol(value, &end, 10);
        if (errno != 0 || end == value || *end != '\0' || number < setting->least ||
            number > setting->most) {
            (void)fprintf(errors,
                          "ets144: " PREFIX "%s is \"%s\"; it takes a whole number from %ld to "
                          "%ld.\n",
                          setting->name, value, setting->least, setting->most);
            return false;
        }
        *number_of(config, setting) = number;
        return true;
    }
    if (setting->type == SETTING_CHOICE && !choice_allowed(setting->choices, value)) {
        (void)fprintf(errors, "ets144: " PREFIX "%s is \"%s\"; it takes one of: %s.\n",
                      setting->name, value, setting->choices);
        return false;
    }
    if (!text_has_form(setting, value, errors)) {
        return false;
    }
    free(*text_of(config, setting));
    *text_of(config, setting) = memory_copy_text(value);
    return true;
}

static bool setting_take_file(struct config *config, const struct setting *setting,
                              const char *path, FILE *errors)
{
    char line[4096];
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!read) {
        (void)fprintf(errors, "ets144: " PREFIX "%s_FILE names %s, which cannot be read.\n",
                      setting->name, path);
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return setting_take(config, setting, line, errors);
}

/* Takes one NAME=value of the environment, the prefix already cut off. */
static bool variable_take(struct config *config, const char *variable, FILE *errors)
{
    const char *equals = strchr(variable, '=');
    size_t length = (size_t)(equals - variable);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings[i];
        size_t name_length = strlen(setting->name);
        if (strncmp(variable, setting->name, name_length) != 0) {
            continue;
        }
        if (length == name_length) {
            return setting_take(config, setting, equals + 1, errors);
        }
        if (setting->type == SETTING_SECRET && length == name_length + strlen("_FILE") &&
            strncmp(variable + name_length, "_FILE", strlen("_FILE")) == 0) {
            return setting_take_file(config, setting, equals + 1, errors);
        }
    }
    (void)fprintf(errors, "ets144: " PREFIX "%.*s is not a setting; `ets144 --help` lists them.\n",
                  (int)length, variable);
    return false;
}

/* Puts another setting's value in the place of one that is empty. */
static void stand_in(char **empty, const char *other)
{
    if ((*empty)[0] == '\0') {
        free(*empty);
        *empty = memory_copy_text(other);
    }
}

bool config_read(struct config *config, FILE *errors)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        (void)setting_take(config, &settings[i], settings[i].standard, errors);
    }
    bool good = true;
    for (char **variable = environ; *variable != NULL; variable++) {
        if (strncmp(*variable, PREFIX, strlen(PREFIX)) == 0) {
            good = variable_take(config, *variable + strlen(PREFIX), errors) && good;
        }
    }
    config->pooled = config->listener_database_url[0] != '\0';
    stand_in(&config->listener_database_url, config->database_url);
    stand_in(&config->admin_database_url, config->database_url);
    return good;
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings[i].type != SETTING_NUMBER) {
            free(*text_of(config, &settings[i]));
            *text_of(config, &settings[i]) = NULL;
        }
    }
}

bool config_setting(size_t index, struct config_setting *setting)
{
    if (index >= SETTING_COUNT) {
        return false;
    }
    const struct setting *row = &settings[index];
    *setting = (struct config_setting){
        .name = row->name,
        .standard = row->standard,
        .meaning = row->meaning,
        .is_number = row->type == SETTING_NUMBER,
        .least = row->least,
        .most = row->most,
        .is_secret = row->type == SETTING_SECRET,
    };
    return true;
}
