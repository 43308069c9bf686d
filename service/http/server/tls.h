/* The certificate that TLS connections begin with. A new one takes its place while the service
 * runs; connections that stand go on, and handshakes that are under way end with the one they began
 * with. */
#ifndef ETS144_HTTP_SERVER_TLS_H
#define ETS144_HTTP_SERVER_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <time.h>

/* GnuTLS: TLS 1.2 and 1.3, and no cipher of less than 128 bits. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

struct tls;

/* Reads both files, in PEM; the first is the certificate with those that vouch for it. NULL: a
 * sentence is on stderr. The names are borrowed. */
struct tls *tls_open(const char *certificate_file, const char *key_file);
void tls_close(struct tls *tls); /* NULL is fine */
/* Reads them again; where that fails, the old ones stay. The log says which. */
void tls_reload(struct tls *tls);
/* When the certificate ends. */
time_t tls_end(struct tls *tls);

/* What a gnutls_certificate_retrieve_function3 is to answer: copies, which GnuTLS frees. 0: done.
 */
int tls_certificate(struct tls *tls, gnutls_pcert_st **certificates, unsigned *count,
                    gnutls_privkey_t *key, unsigned *flags);

#endif
