#include "auth/signing_key.h"

#include "base/log.h"

#include <gnutls/abstract.h>
#include <orcania.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signing_key {
    pthread_mutex_t mutex; /* GnuTLS does not say that threads may share a key */
    gnutls_privkey_t private_key;
    char *public_key; /* PEM; owned */
};

/* The private key is overwritten before its memory is freed. */
static int import_private(gnutls_privkey_t private_key, const char *file)
{
    gnutls_datum_t pem;
    int error = gnutls_load_file(file, &pem);
    if (error >= 0) {
        error = gnutls_privkey_import_x509_raw(private_key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
        gnutls_memset(pem.data, 0, pem.size);
        gnutls_free(pem.data);
    }
    if (error >= 0 &&
        gnutls_privkey_get_pk_algorithm(private_key, NULL) != GNUTLS_PK_EDDSA_ED25519) {
        error = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    }
    return error;
}

static int export_public(struct signing_key *key)
{
    gnutls_pubkey_t public_key;
    gnutls_datum_t pem = {.data = NULL};
    int error = gnutls_pubkey_init(&public_key);
    if (error < 0) {
        return error;
    }
    error = gnutls_pubkey_import_privkey(public_key, key->private_key, 0, 0);
    if (error >= 0) {
        error = gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_PEM, &pem);
    }
    if (error >= 0) {
        key->public_key = memory_allocate(pem.size + 1);
        memcpy(key->public_key, pem.data, pem.size);
    }
    gnutls_free(pem.data);
    gnutls_pubkey_deinit(public_key);
    return error;
}

struct signing_key *signing_key_open(const char *file)
{
    struct signing_key *key = memory_allocate(sizeof *key);
    (void)pthread_mutex_init(&key->mutex, NULL);
    int error = gnutls_privkey_init(&key->private_key);
    if (error >= 0) {
        error = import_private(key->private_key, file);
    }
    if (error >= 0) {
        error = export_public(key);
    }
    if (error < 0) {
        (void)fprintf(stderr,
                      "ets144: ETS144_SIGNING_KEY_FILE names %s, which is no Ed25519 private key "
                      "in PEM: %s\n",
                      file, gnutls_strerror(error));
        signing_key_close(key);
        return NULL;
    }
    return key;
}

void signing_key_close(struct signing_key *key)
{
    if (key != NULL) {
        gnutls_privkey_deinit(key->private_key);
        (void)pthread_mutex_destroy(&key->mutex);
        free(key->public_key);
        free(key);
    }
}

const char *signing_key_public(const struct signing_key *key)
{
    return key->public_key;
}

const char *signing_key_sign(struct signing_key *key, struct arena *arena, const char *text)
{
    gnutls_datum_t data;
    data.data = (unsigned char *)arena_copy_text(arena, text);
    data.size = (unsigned)strlen(text);
    gnutls_datum_t signature = {.data = NULL};
    (void)pthread_mutex_lock(&key->mutex);
    int error = gnutls_privkey_sign_data2(key->private_key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data,
                                          &signature);
    (void)pthread_mutex_unlock(&key->mutex);
    if (error < 0) {
        log_event(LOG_LEVEL_ERROR, "head_not_signed", log_text("error", gnutls_strerror(error)));
        return NULL;
    }
    unsigned char *encoded = arena_allocate(arena, (size_t)signature.size * 2 + 4);
    size_t length = 0;
    (void)o_base64_encode(signature.data, signature.size, encoded, &length);
    gnutls_free(signature.data);
    return arena_copy(arena, (const char *)encoded, length);
}
