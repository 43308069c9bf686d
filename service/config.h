/* Settings: one table of name, type, default and meaning, read from the environment.
 * An unknown ETS144_ variable or a value out of its range is refused with its name. */
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
    char *listener_database_url;
    char *admin_database_url;
    bool pooled; /* database_url may lead to another session for each transaction */
    long pool_size;
    long checkout_timeout_ms; /* milliseconds */
    long statement_timeout_ms;
    long database_heartbeat_timeout_ms; /* milliseconds */
    long threads;
    long handler_threads;
    long connection_limit;
    long idle_timeout; /* seconds */
    long request_timeout;
    long response_timeout;
    long max_body_bytes;
    long max_file_bytes;
    long max_file_rows;
    long import_timeout_ms; /* milliseconds */
    long drain_delay_ms;    /* milliseconds */
    long shutdown_grace;    /* seconds */
    long cache_entries;
    long cache_bytes;
    char *cache_warming; /* yes, no */
    long stale_if_error; /* seconds */
    char *webhooks;      /* yes, no */
    long webhook_concurrency;
    long webhook_timeout_ms; /* milliseconds */
    long webhook_backoff_ms; /* milliseconds */
    long webhook_retry_for;  /* seconds */
    char *webhook_http;      /* yes, no */
    char *webhook_private;   /* yes, no */
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
    char *tls_certificate_file;
    char *tls_key_file;
    char *trusted_proxies;
    char *proxy_header;     /* x-forwarded, forwarded */
    char *tokens_over_http; /* local, anywhere */
};

/* Fills config from the environment. Each fault is one sentence on errors; false if any. */
bool config_read(struct config *config, FILE *errors);
void config_free(struct config *config);

/* What is told of a setting to whoever has to set it. */
struct config_setting {
    const char *name;     /* without the prefix */
    const char *standard; /* the default, as it would be written in the environment */
    const char *meaning;
    bool is_number; /* a whole one, from least to most */
    long least;
    long most;
    bool is_secret; /* NAME_FILE may be set instead, to a path: the first line there counts */
};

#define CONFIG_PREFIX "ETS144_"

/* The table's row of this index, from 0 on; false past the end. */
bool config_setting(size_t index, struct config_setting *setting);

#endif
