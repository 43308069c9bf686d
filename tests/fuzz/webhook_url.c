/* The address of a webhook, by each setting of the operator. */
#include "fuzz.h"
#include "webhook/url_guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>

/* Whether the guard takes the address that libcurl would connect to without asking for a name. */
static bool is_public(const struct url_guard *guard, const char *host)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    return inet_aton(host, &to.sin_addr) == 0 ||
           url_guard_address(guard, (const struct sockaddr *)&to);
}

static void check_host(const struct url_guard *guard, const char *url)
{
    CURLU *parsed = curl_url();
    char *host = NULL;
    fuzz_require(curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK, "libcurl reads it, too");
    if (curl_url_get(parsed, CURLUPART_HOST, &host, CURLU_URLDECODE) == CURLUE_OK) {
        fuzz_require(is_public(guard, host), "the host is public");
    }
    curl_free(host);
    curl_url_cleanup(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct url_guard strict = {.http = false};
    static const struct url_guard http = {.http = true};
    static const struct url_guard all = {.http = true, .private_networks = true};
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 1);
    const char *url = lines.rows[0];
    bool allowed = url_guard_url(&strict, url) == URL_GUARD_ALLOWED;
    fuzz_require(!allowed || url_guard_url(&http, url) == URL_GUARD_ALLOWED, "http allows more");
    if (url_guard_url(&http, url) == URL_GUARD_ALLOWED) {
        fuzz_require(url_guard_url(&all, url) == URL_GUARD_ALLOWED, "private networks allow more");
        check_host(&http, url);
    }
    (void)url_guard_url(&all, url);
    fuzz_lines_close(&lines);
    return 0;
}
