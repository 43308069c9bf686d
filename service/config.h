/* Settings: one table of name, type, default and meaning, read from the environment.
 * An unknown ETS144_ variable or a value out of its range is refused with its name. */
#ifndef ETS144_CONFIG_H
#define ETS144_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

struct config {
    char *listen_address;
    long port;
    char *database_url;
    char *read_database_url;
    char *admin_database_url;
    long pool_size;
    long checkout_timeout; /* milliseconds */
    long statement_timeout;
    long database_patience; /* milliseconds */
    long threads;
    long connection_limit;
    long idle_timeout; /* seconds */
    long request_timeout;
    long reply_timeout;
    long max_body_bytes;
    long max_file_bytes;
    long max_file_rows;
    long import_timeout; /* milliseconds */
    long stop_delay;     /* milliseconds */
    long stop_grace;     /* seconds */
    long kept_answers;
    long kept_bytes;
    char *warm;       /* yes, no */
    long stale_limit; /* seconds */
    char *webhooks;   /* yes, no */
    long webhook_transfers;
    long webhook_timeout;  /* milliseconds */
    long webhook_pause;    /* milliseconds */
    long webhook_patience; /* seconds */
    char *webhook_http;    /* yes, no */
    char *webhook_private; /* yes, no */
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
/* Prints the table of settings, as --help shows it. */
void config_describe(FILE *output);

#endif
