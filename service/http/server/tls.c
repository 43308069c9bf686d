#include "http/server/tls.h"

#include "base/log.h"
#include "base/memory.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Certificates of a chain. */
enum { MAX_CHAIN = 16 };

/* The contents of both files; the key is the certificate's. */
struct identity {
    gnutls_datum_t certificate;
    gnutls_datum_t key;
    time_t end;
};

struct tls {
    const char *certificate_file;
    const char *key_file;
    pthread_rwlock_t lock;
    struct identity identity;
};

static void identity_free(struct identity *identity)
{
    gnutls_free(identity->certificate.data);
    if (identity->key.data != NULL) {
        gnutls_memset(identity->key.data, 0, identity->key.size);
        gnutls_free(identity->key.data);
    }
}

/* Sets *end. Returns GnuTLS' error if the certificate or the key is invalid, or they do not belong
 * together. */
static int check_pair(const struct identity *identity, time_t *end)
{
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    int error = gnutls_certificate_allocate_credentials(&credentials);
    if (error >= 0) {
        error = gnutls_certificate_set_x509_key_mem2(credentials, &identity->certificate,
                                                     &identity->key, GNUTLS_X509_FMT_PEM, NULL, 0);
    }
    if (error >= 0) {
        error = gnutls_certificate_get_x509_crt(credentials, 0, &chain, &count);
    }
    if (error >= 0) {
        *end = gnutls_x509_crt_get_expiration_time(chain[0]);
    }
    for (unsigned i = 0; i < count; i++) {
        gnutls_x509_crt_deinit(chain[i]);
    }
    gnutls_free(chain);
    gnutls_certificate_free_credentials(credentials);
    return error;
}

/* False: *file is the name of the bad file, and *error GnuTLS' reason. */
static bool identity_read(const struct tls *tls, struct identity *identity, const char **file,
                          int *error)
{
    *identity = (struct identity){.end = 0};
    *file = tls->certificate_file;
    *error = gnutls_load_file(tls->certificate_file, &identity->certificate);
    if (*error >= 0) {
        *file = tls->key_file;
        *error = gnutls_load_file(tls->key_file, &identity->key);
    }
    if (*error >= 0) {
        *error = check_pair(identity, &identity->end);
    }
    if (*error < 0) {
        identity_free(identity);
    }
    return *error >= 0;
}

struct tls *tls_open(const char *certificate_file, const char *key_file)
{
    struct tls *tls = memory_allocate(sizeof *tls);
    tls->certificate_file = certificate_file;
    tls->key_file = key_file;
    const char *file = NULL;
    int error = 0;
    if (!identity_read(tls, &tls->identity, &file, &error)) {
        (void)fprintf(
            stderr,
            "ets144: ETS144_TLS_CERTIFICATE_FILE and ETS144_TLS_KEY_FILE do not serve: %s: "
            "%s\n",
            file, gnutls_strerror(error));
        free(tls);
        return NULL;
    }
    (void)pthread_rwlock_init(&tls->lock, NULL);
    return tls;
}

void tls_close(struct tls *tls)
{
    if (tls != NULL) {
        identity_free(&tls->identity);
        (void)pthread_rwlock_destroy(&tls->lock);
        free(tls);
    }
}

void tls_reload(struct tls *tls)
{
    struct identity fresh;
    const char *file = NULL;
    int error = 0;
    if (!identity_read(tls, &fresh, &file, &error)) {
        log_event(LOG_LEVEL_ERROR, "certificate_reload_failed", log_text("file", file),
                  log_text("error", gnutls_strerror(error)));
        return;
    }
    (void)pthread_rwlock_wrlock(&tls->lock);
    struct identity old = tls->identity;
    tls->identity = fresh;
    (void)pthread_rwlock_unlock(&tls->lock);
    identity_free(&old);
    log_event(LOG_LEVEL_INFO, "certificate_reloaded", log_number("ends", fresh.end));
}

time_t tls_end(struct tls *tls)
{
    (void)pthread_rwlock_rdlock(&tls->lock);
    time_t end = tls->identity.end;
    (void)pthread_rwlock_unlock(&tls->lock);
    return end;
}

static int import_key(const gnutls_datum_t *pem, gnutls_privkey_t *key)
{
    int error = gnutls_privkey_init(key);
    if (error >= 0) {
        error = gnutls_privkey_import_x509_raw(*key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
        if (error < 0) {
            gnutls_privkey_deinit(*key);
        }
    }
    return error;
}

/* GnuTLS frees the list, which is from gnutls_malloc. */
static int import_pair(const struct identity *identity, gnutls_pcert_st *certificates,
                       unsigned *count, gnutls_privkey_t *key)
{
    int error = gnutls_pcert_list_import_x509_raw(certificates, count, &identity->certificate,
                                                  GNUTLS_X509_FMT_PEM, 0);
    if (error < 0) {
        return error;
    }
    error = import_key(&identity->key, key);
    for (unsigned i = 0; error < 0 && i < *count; i++) {
        gnutls_pcert_deinit(&certificates[i]);
    }
    return error;
}

int tls_certificate(struct tls *tls, gnutls_pcert_st **certificates, unsigned *count,
                    gnutls_privkey_t *key, unsigned *flags)
{
    *count = MAX_CHAIN;
    *certificates = gnutls_calloc(MAX_CHAIN, sizeof **certificates);
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    if (*certificates == NULL) {
        return -1;
    }
    (void)pthread_rwlock_rdlock(&tls->lock);
    int error = import_pair(&tls->identity, *certificates, count, key);
    (void)pthread_rwlock_unlock(&tls->lock);
    if (error < 0) {
        gnutls_free(*certificates);
        return -1;
    }
    return 0;
}
