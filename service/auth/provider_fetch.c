#include "auth/provider_fetch.h"

#include "base/memory.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH_TIMEOUT_MS = 5000, MAX_DOCUMENT_BYTES = 262144 };

struct document {
    const atomic_bool *stopping;
    char *bytes; /* owned */
    size_t length;
};

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0;
}

/* "" if the address has no such part; caller frees with curl_free(). */
static char *part_of(CURLU *parsed, CURLUPart which)
{
    char *part = NULL;
    (void)curl_url_get(parsed, which, &part, 0);
    return part;
}

bool provider_url_allowed(const char *url)
{
    CURLU *parsed = curl_url();
    bool allowed = curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK;
    char *scheme = part_of(parsed, CURLUPART_SCHEME);
    char *host = part_of(parsed, CURLUPART_HOST);
    char *user = part_of(parsed, CURLUPART_USER);
    char *fragment = part_of(parsed, CURLUPART_FRAGMENT);
    allowed = allowed && scheme != NULL && host != NULL && user == NULL && fragment == NULL &&
              (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback(host)));
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(fragment);
    curl_url_cleanup(parsed);
    return allowed;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *closure)
{
    struct document *document = closure;
    const size_t length = size * count;
    if (document->length + length > MAX_DOCUMENT_BYTES) {
        return 0;
    }
    document->bytes = memory_reallocate(document->bytes, document->length + length);
    memcpy(document->bytes + document->length, bytes, length);
    document->length += length;
    return length;
}

static int on_progress(void *closure, curl_off_t to_receive, curl_off_t received,
                       curl_off_t to_send, curl_off_t sent)
{
    const struct document *document = closure;
    (void)to_receive;
    (void)received;
    (void)to_send;
    (void)sent;
    return atomic_load(document->stopping) ? 1 : 0;
}

static void set_up(CURL *easy, const char *url, const char *ca_file, struct document *document)
{
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                           strncmp(url, "https:", strlen("https:")) == 0 ? "https" : "http");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)FETCH_TIMEOUT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "ets144/" ETS144_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, document);
    (void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, document);
}

/* NULL: *error says why. */
static json_t *read_object(const struct document *document, const char **error)
{
    json_t *object = json_loadb(document->length > 0 ? document->bytes : "", document->length,
                                JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        *error = "the document is not a JSON object";
        return NULL;
    }
    return object;
}

json_t *provider_fetch(const char *url, const char *ca_file, const atomic_bool *stopping,
                       const char **error)
{
    enum { OK = 200 };
    struct document document = {.stopping = stopping};
    CURL *easy = curl_easy_init();
    set_up(easy, url, ca_file, &document);
    CURLcode code = curl_easy_perform(easy);
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    json_t *object = NULL;
    if (code != CURLE_OK) {
        *error = curl_easy_strerror(code);
    } else if (status != OK) {
        *error = "the status is not 200";
    } else {
        object = read_object(&document, error);
    }
    free(document.bytes);
    return object;
}
