/* Settings: a table of name, type, default and meaning, read from the environment.
 * An unknown ETS144_ variable or a value out of range is refused by name.
 * Text members are allocated, and never NULL after config_read(). */
#ifndef ETS144_CONFIG_H
#define ETS144_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config {
    char *listen_address;
    long port;
    char *database_url;
    char *read_database_url;
    char *listener_database_url; /* database_url if not set */
    char *admin_database_url;    /* database_url if not set */
    bool pooled;                 /* database_url leads to a pooler by transaction */
    long pool_size;
    long checkout_timeout_ms;
    long statement_timeout_ms;
    long database_heartbeat_timeout_ms;
    long threads;
    long handler_threads;
    long watchdog_seconds; /* 0: none */
    long connection_limit;
    long idle_timeout_seconds;
    long request_timeout_seconds;
    long response_timeout_seconds;
    long max_body_bytes;
    long max_file_bytes;
    long max_file_rows;
    long import_timeout_ms;
    long drain_delay_ms;
    long shutdown_grace_seconds;
    long cache_entries;
    long cache_bytes;
    bool cache_warming;
    long stale_if_error_seconds;
    bool webhooks;
    long webhook_concurrency;
    long webhook_timeout_ms;
    long webhook_backoff_ms;
    long webhook_retry_for_seconds;
    bool webhook_http;
    bool webhook_private;
    char *webhook_ca_file;
    char *log_level;
    char *public_url;
    char *publisher;
    char *contact;
    char *licence;
    char *security_contact;
    char *metrics_clients;
    long client_rate;
    long client_burst;
    long client_connections;
    char *oidc_issuer; /* "": people have no access */
    char *oidc_audience;
    char *oidc_scopes_claim;
    char *oidc_scopes;
    char *oidc_ca_file;
    long oidc_refresh_seconds;
    char *signing_key_file;
    char *tls_certificate_file;
    char *tls_key_file;
    char *trusted_proxies;
    char *proxy_header;     /* x-forwarded, forwarded */
    char *tokens_over_http; /* local, anywhere */
    char *approval;         /* author, second_person */
};

/* Fills config from the environment. Writes a sentence for each fault to errors; false if any.
 * In either case config_free() frees it. */
bool config_read(struct config *config, FILE *errors);
void config_free(struct config *config);

/* A setting as --help describes it. */
struct config_setting {
    const char *name;          /* without the prefix */
    const char *default_value; /* as in the environment */
    const char *meaning;
    bool is_number; /* a whole number between the next two */
    long minimum;
    long maximum;
    bool is_secret; /* NAME_FILE may name a file with the value in its first line */
};

#define CONFIG_PREFIX "ETS144_"

/* Reads the setting with this index, from 0; false past the last. */
bool config_setting(size_t index, struct config_setting *setting);

#endif
