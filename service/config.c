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
    SETTING_SWITCH, /* yes or no */
    SETTING_CHOICE,
    SETTING_ORIGIN,  /* https://host[:port], without a path */
    SETTING_URI,     /* with a scheme (RFC 3986 §3) */
    SETTING_CONTACT, /* mailto:, https: or tel: (RFC 9116 §2.5.3) */
    SETTING_RANGES   /* of addresses (address.h) */
};

struct setting {
    const char *name; /* without the prefix */
    enum setting_type type;
    const char *default_value; /* as in the environment */
    long minimum;
    long maximum;
    const char *choices; /* separated by spaces */
    size_t offset;       /* of the member: long for a number, bool for a switch, else char * */
    const char *meaning;
};

#define MEMBER(member) offsetof(struct config, member)
#define TEXT(type, name, default_value, member, meaning)                                           \
    name, type, default_value, 0, 0, NULL, MEMBER(member), meaning
#define NUMBER(name, default_value, minimum, maximum, member, meaning)                             \
    name, SETTING_NUMBER, default_value, minimum, maximum, NULL, MEMBER(member), meaning
#define SWITCH(name, default_value, member, meaning)                                               \
    name, SETTING_SWITCH, default_value, 0, 0, "yes no", MEMBER(member), meaning
#define CHOICE(name, default_value, choices, member, meaning)                                      \
    name, SETTING_CHOICE, default_value, 0, 0, choices, MEMBER(member), meaning

static const struct setting settings[] = {
    {TEXT(SETTING_TEXT, "LISTEN_ADDRESS", "127.0.0.1", listen_address,
          "IPv4 or IPv6 address to listen on")},
    {NUMBER("PORT", "8144", 0, 65535, port,
            "TCP port to listen on; 0: any free port, which the log names")},
    {TEXT(SETTING_SECRET, "DATABASE_URL", "postgresql:///ets144?user=ets144_service", database_url,
          "libpq connection URL of the role ets144_service")},
    {TEXT(SETTING_SECRET, "READ_DATABASE_URL", "", read_database_url,
          "libpq connection URL of standbys, for reads; empty: DATABASE_URL")},
    {TEXT(SETTING_SECRET, "LISTENER_DATABASE_URL", "", listener_database_url,
          "libpq connection URL that keeps its session, for LISTEN and webhooks, if DATABASE_URL "
          "leads to a transaction pooler; empty: DATABASE_URL")},
    {TEXT(
        SETTING_SECRET, "ADMIN_DATABASE_URL", "", admin_database_url,
        "libpq connection URL of the role ets144_admin, for `token`, `import` and `check`; empty: "
        "DATABASE_URL")},
    {NUMBER("POOL_SIZE", "4", 1, 256, pool_size, "database connections to keep open")},
    {NUMBER("CHECKOUT_TIMEOUT_MS", "200", 1, 60000, checkout_timeout_ms,
            "longest wait of a request for a database connection")},
    {NUMBER("STATEMENT_TIMEOUT_MS", "2000", 10, 600000, statement_timeout_ms,
            "longest duration of one statement")},
    {NUMBER("DATABASE_HEARTBEAT_TIMEOUT_MS", "150", 10, 60000, database_heartbeat_timeout_ms,
            "silence of the database after which requests no longer wait for it")},
    {NUMBER("THREADS", "4", 1, 256, threads,
            "threads that serve client connections; they never wait for the database")},
    {NUMBER("HANDLER_THREADS", "32", 1, 1024, handler_threads,
            "threads that run the handlers which query the database")},
    {NUMBER("WATCHDOG", "30", 0, 3600, watchdog_seconds,
            "time for which a connection thread may hang before the process aborts, for its "
            "supervisor to restart it; 0: no limit")},
    {NUMBER("CONNECTION_LIMIT", "0", 0, 1000000, connection_limit,
            "client connections at once; 0: as many as the limit of open files allows")},
    {NUMBER("IDLE_TIMEOUT", "60", 1, 3600, idle_timeout_seconds,
            "time after which an idle client connection is closed")},
    {NUMBER("REQUEST_TIMEOUT", "30", 1, 3600, request_timeout_seconds,
            "time for a request to arrive, plus one second for each KiB of its body")},
    {NUMBER("RESPONSE_TIMEOUT", "300", 61, 86400, response_timeout_seconds,
            "time for a client to receive its response")},
    {NUMBER("MAX_BODY_BYTES", "65536", 1024, 67108864, max_body_bytes,
            "largest request body; takes up to 100 times as much memory")},
    {NUMBER("MAX_FILE_BYTES", "16777216", 1024, 67108864, max_file_bytes,
            "largest file to import; takes up to 24 times as much memory")},
    {NUMBER("MAX_FILE_ROWS", "10000", 1, 1000000, max_file_rows, "most rows of a file to import")},
    {NUMBER("IMPORT_TIMEOUT_MS", "30000", 10, 600000, import_timeout_ms,
            "longest duration of one statement of an import")},
    {NUMBER("DRAIN_DELAY_MS", "3000", 0, 600000, drain_delay_ms,
            "time after SIGTERM in which requests are still answered while /health/ready reports "
            "503, so that proxies switch to other replicas")},
    {NUMBER("SHUTDOWN_GRACE", "10", 0, 600, shutdown_grace_seconds,
            "time after that for running requests to finish")},
    {NUMBER("CACHE_ENTRIES", "8192", 0, 1000000, cache_entries,
            "entries of the response cache, cached and prebuilt responses; 0: no cache")},
    {NUMBER("CACHE_BYTES", "67108864", 0, 4294967296, cache_bytes, "memory of the response cache")},
    {SWITCH("CACHE_WARMING", "yes", cache_warming,
            "render common responses at start and after each revision: yes or no")},
    {NUMBER("STALE_IF_ERROR", "3600", 0, 31536000, stale_if_error_seconds,
            "age up to which cached responses are served while the database is down")},
    {SWITCH("WEBHOOKS", "yes", webhooks, "deliver webhooks from this replica: yes or no")},
    {NUMBER("WEBHOOK_CONCURRENCY", "100", 1, 1000, webhook_concurrency,
            "deliveries at once; with 100 or more, no webhook waits for another")},
    {NUMBER("WEBHOOK_TIMEOUT_MS", "10000", 100, 60000, webhook_timeout_ms,
            "time for a receiver to answer one delivery")},
    {NUMBER("WEBHOOK_BACKOFF_MS", "5000", 10, 3600000, webhook_backoff_ms,
            "pause after the first failure of a delivery; four times as long after each further "
            "failure")},
    {NUMBER("WEBHOOK_RETRY_FOR", "259200", 1, 2592000, webhook_retry_for_seconds,
            "time for which a delivery is retried before it becomes a dead letter")},
    {SWITCH("WEBHOOK_HTTP", "no", webhook_http, "allow webhooks without TLS: yes or no")},
    {SWITCH("WEBHOOK_PRIVATE", "no", webhook_private,
            "allow webhooks to private and loopback addresses, and to any port: yes or no")},
    {TEXT(SETTING_TEXT, "WEBHOOK_CA_FILE", "/etc/ssl/certs/ca-certificates.crt", webhook_ca_file,
          "PEM file of the only certificate authorities that are trusted for receivers")},
    {CHOICE("LOG_LEVEL", "info", "error warning info debug", log_level,
            "error, warning, info (which logs each request) or debug")},
    {TEXT(SETTING_ORIGIN, "PUBLIC_URL", "", public_url,
          "address of the service for clients, such as https://register.example; empty: links are "
          "relative")},
    {TEXT(SETTING_TEXT, "PUBLISHER", "The register's keepers", publisher,
          "publisher of the data, for catalogues")},
    {TEXT(
        SETTING_CONTACT, "CONTACT", "", contact,
        "contact for questions about the data: mailto:…, https://… or tel:…; empty: no contact is "
        "named")},
    {TEXT(SETTING_URI, "LICENCE", "", licence,
          "URI of the licence of the data, which its owner chooses; empty: no licence is named")},
    {TEXT(SETTING_CONTACT, "SECURITY_CONTACT", "", security_contact,
          "contact in /.well-known/security.txt: mailto:…, https://… or tel:…; empty: there is no "
          "such file")},
    {NUMBER("CLIENT_RATE", "0", 0, 100000, client_rate,
            "requests per second of one client in the long run; 0: no limit")},
    {NUMBER("CLIENT_BURST", "100", 1, 1000000, client_burst,
            "requests of one client at once after a pause, if CLIENT_RATE is set")},
    {NUMBER("CLIENT_CONNECTIONS", "0", 0, 100000, client_connections,
            "connections of one client at once; 0: no limit")},
    {TEXT(SETTING_TEXT, "TLS_CERTIFICATE_FILE", "", tls_certificate_file,
          "PEM file of the TLS certificate and its chain; empty: plain HTTP")},
    {TEXT(SETTING_TEXT, "TLS_KEY_FILE", "", tls_key_file,
          "PEM file of its private key; SIGHUP reloads both files")},
    {TEXT(
        SETTING_TEXT, "SIGNING_KEY_FILE", "", signing_key_file,
        "PEM file of an Ed25519 private key that signs the newest revision's digest; empty: it is "
        "not signed")},
    {TEXT(SETTING_URI, "OIDC_ISSUER", "", oidc_issuer,
          "identity provider whose access tokens (JWT, RFC 9068) people may use: its https address "
          "as "
          "in the claim iss; empty: tokens of the register only")},
    {TEXT(SETTING_TEXT, "OIDC_AUDIENCE", "", oidc_audience,
          "what the claim aud must name, if OIDC_ISSUER is set")},
    {TEXT(SETTING_TEXT, "OIDC_SCOPES_CLAIM", "scope", oidc_scopes_claim,
          "claim that gives a person's scopes: a name, or a JSON Pointer such as "
          "/realm_access/roles")},
    {TEXT(SETTING_TEXT, "OIDC_SCOPES", "", oidc_scopes,
          "scopes for values of that claim, such as editor=actions:write,calls:write; "
          "reader=outlook:read; empty: the values are the scopes")},
    {TEXT(
        SETTING_TEXT, "OIDC_CA_FILE", "/etc/ssl/certs/ca-certificates.crt", oidc_ca_file,
        "PEM file of the only certificate authorities that are trusted for the identity provider")},
    {NUMBER("OIDC_REFRESH", "10", 1, 3600, oidc_refresh_seconds,
            "least time between two fetches of the identity provider's keys, which a token with an "
            "unknown key causes")},
    {TEXT(SETTING_RANGES, "TRUSTED_PROXIES", "", trusted_proxies,
          "trusted proxies (addresses or CIDR ranges), such as 10.0.0.0/8")},
    {CHOICE("PROXY_HEADER", "x-forwarded", "x-forwarded forwarded", proxy_header,
            "header in which trusted proxies name the client: x-forwarded (X-Forwarded-For and "
            "-Proto) or forwarded (RFC 7239)")},
    {CHOICE("TOKENS_OVER_HTTP", "local", "local anywhere", tokens_over_http,
            "clients whose tokens are accepted without TLS: local (this machine) or anywhere")},
    {CHOICE("APPROVAL", "author", "author second_person", approval,
            "who agrees to a changeset: author (it is recorded at once) or second_person (another "
            "person "
            "with changesets:approve)")},
    {TEXT(SETTING_RANGES, "METRICS_CLIENTS", "loopback", metrics_clients,
          "clients that may read /metrics (addresses or CIDR ranges), such as 10.0.0.0/8 ::1; "
          "empty: no client")},
};
enum { SETTING_COUNT = sizeof settings / sizeof settings[0] };

static void *member_of(struct config *config, const struct setting *setting)
{
    return (char *)config + setting->offset;
}

/* NULL: the member is not a text. */
static char **text_of(struct config *config, const struct setting *setting)
{
    return setting->type == SETTING_NUMBER || setting->type == SETTING_SWITCH
               ? NULL
               : member_of(config, setting);
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

/* Visible ASCII without characters that HTML, JSON or a header would have to escape. */
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

static bool is_uri(const char *value)
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

/* Checks of texts that are not empty. */
static const struct {
    bool (*check)(const char *value);
    const char *takes;
} checks[] = {
    [SETTING_ORIGIN] = {is_origin, "an address such as https://register.example, without a path"},
    [SETTING_RANGES] = {is_ranges,
                        "addresses or CIDR ranges such as 10.0.0.0/8 ::1, or the word loopback"},
    [SETTING_URI] = {is_uri, "an address such as https://creativecommons.org/licenses/by/4.0/"},
    [SETTING_CONTACT] = {is_contact, "an address that begins with mailto:, https:// or tel:"},
};

static bool refuse(const struct setting *setting, const char *value, const char *takes,
                   FILE *errors)
{
    (void)fprintf(errors, "ets144: " PREFIX "%s is \"%s\"; it takes %s.\n", setting->name, value,
                  takes);
    return false;
}

static bool take_number(struct config *config, const struct setting *setting, const char *value,
                        FILE *errors)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < setting->minimum ||
        number > setting->maximum) {
        char takes[96];
        (void)snprintf(takes, sizeof takes, "a whole number from %ld to %ld", setting->minimum,
                       setting->maximum);
        return refuse(setting, value, takes, errors);
    }
    *(long *)member_of(config, setting) = number;
    return true;
}

static bool setting_take(struct config *config, const struct setting *setting, const char *value,
                         FILE *errors)
{
    if (setting->type == SETTING_NUMBER) {
        return take_number(config, setting, value, errors);
    }
    if (setting->choices != NULL && !choice_allowed(setting->choices, value)) {
        char takes[96];
        (void)snprintf(takes, sizeof takes, "one of: %s", setting->choices);
        return refuse(setting, value, takes, errors);
    }
    if (setting->type == SETTING_SWITCH) {
        *(bool *)member_of(config, setting) = value[0] == 'y';
        return true;
    }
    if (value[0] != '\0' && checks[setting->type].check != NULL &&
        !checks[setting->type].check(value)) {
        return refuse(setting, value, checks[setting->type].takes, errors);
    }
    free(*text_of(config, setting));
    *text_of(config, setting) = memory_copy_text(value);
    return true;
}

/* A secret may be in a file: NAME_FILE is its path, and its first line the value. */
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

/* Takes one NAME=value of the environment, without the prefix. */
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

static void replace_if_empty(char **text, const char *other)
{
    if ((*text)[0] == '\0') {
        free(*text);
        *text = memory_copy_text(other);
    }
}

bool config_read(struct config *config, FILE *errors)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        (void)setting_take(config, &settings[i], settings[i].default_value, errors);
    }
    bool good = true;
    for (char **variable = environ; *variable != NULL; variable++) {
        if (strncmp(*variable, PREFIX, strlen(PREFIX)) == 0) {
            good = variable_take(config, *variable + strlen(PREFIX), errors) && good;
        }
    }
    config->pooled = config->listener_database_url[0] != '\0';
    replace_if_empty(&config->listener_database_url, config->database_url);
    replace_if_empty(&config->admin_database_url, config->database_url);
    return good;
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        char **text = text_of(config, &settings[i]);
        if (text != NULL) {
            free(*text);
            *text = NULL;
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
        .default_value = row->default_value,
        .meaning = row->meaning,
        .is_number = row->type == SETTING_NUMBER,
        .minimum = row->minimum,
        .maximum = row->maximum,
        .is_secret = row->type == SETTING_SECRET,
    };
    return true;
}
