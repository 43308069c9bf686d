/* The TLS certificate. It can be reloaded while the service runs: open connections are not
 * affected, and a handshake under way ends with the certificate it began with. */
#ifndef ETS144_HTTP_SERVER_TLS_H
#define ETS144_HTTP_SERVER_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <time.h>

/* GnuTLS priorities: TLS 1.2 and 1.3, with forward secrecy (ECDHE) and authenticated encryption
 * only (RFC 9325 §4.1, §4.2). */
#define TLS_PRIORITIES                                                                             \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"               \
    "-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

struct tls;

/* Reads both files, in PEM; the certificate's file has its chain, too. NULL: they cannot be used,
 * and a message is on stderr. The names are borrowed. */
struct tls *tls_open(const char *certificate_file, const char *key_file);
void tls_close(struct tls *tls); /* NULL is fine */
/* Reads both files again; if that fails, the old certificate is kept. The log says which. */
void tls_reload(struct tls *tls);
/* When the certificate expires (notAfter). */
time_t tls_end(struct tls *tls);

/* The results of a gnutls_certificate_retrieve_function3: copies, which GnuTLS frees. 0, or -1 if
 * that fails. */
int tls_certificate(struct tls *tls, gnutls_pcert_st **certificates, unsigned *count,
                    gnutls_privkey_t *key, unsigned *flags);

#endif
