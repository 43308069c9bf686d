#include "webhook/url_guard.h"

#include "base/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Ranges of addresses by purpose (IANA's registries of special-purpose addresses, RFC 6890). An
 * address is public if it is in the first and in none of the others. */
static const char public_ranges[] = "0.0.0.0/0 2000::/3";
static const char private_ranges[] =
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 " /* private, unique local */
    "100.64.0.0/10 " /* shared, behind a provider's translation */
    "loopback";
static const char special_ranges[] =
    "0.0.0.0/8 "                                   /* this host */
    "169.254.0.0/16 "                              /* link-local, and the clouds' metadata */
    "168.63.129.16 "                               /* a cloud's address for its own machines */
    "192.0.0.0/24 2001::/23 "                      /* protocols, Teredo */
    "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 " /* documentation */
    "2001:db8::/32 3fff::/20 "                     /* documentation */
    "192.88.99.0/24 2002::/16 "                    /* 6to4 */
    "198.18.0.0/15 "                               /* benchmarks */
    "224.0.0.0/4 240.0.0.0/4";                     /* multicast, reserved, broadcast */
/* NAT64 (RFC 6052): judged by the IPv4 address inside, as a mapped address is. */
static const char translated_ranges[] = "64:ff9b::/96";

static bool lies_in(const struct address *address, const char *text)
{
    struct address_ranges ranges;
    return address_ranges_read(text, &ranges) && address_in(address, &ranges);
}

static bool allows(const struct url_guard *guard, struct address address)
{
    if (lies_in(&address, translated_ranges)) {
        static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        memcpy(address.bytes, mapped, sizeof mapped);
    }
    if (lies_in(&address, private_ranges)) {
        return guard->private_networks;
    }
    return lies_in(&address, public_ranges) && !lies_in(&address, special_ranges);
}

bool url_guard_address(const struct url_guard *guard, const struct sockaddr *address)
{
    struct address taken;
    return address_of_socket(address, &taken) && allows(guard, taken);
}

/* IPv4 in any notation: hexadecimal, octal, shortened. libcurl normalises these, but before it
 * decodes the host, so that an encoded digit hides one. */
static bool read_ipv4(const char *host, struct address *address)
{
    struct sockaddr_in socket = {.sin_family = AF_INET};
    return inet_aton(host, &socket.sin_addr) != 0 &&
           address_of_socket((const struct sockaddr *)&socket, address);
}

/* The decoded host; IPv6 is in brackets. */
static bool allows_host(const struct url_guard *guard, char *host)
{
    struct address address;
    size_t length = strlen(host);
    if (length > 0 && host[length - 1] == '.') {
        host[--length] = '\0';
    }
    if (host[0] == '[') {
        return address_read(host + 1, length - 2, &address) && allows(guard, address);
    }
    if (address_read(host, length, &address) || read_ipv4(host, &address)) {
        return allows(guard, address);
    }
    /* RFC 6761 §6.3. Other names are judged at the connection, by their address. */
    static const char local[] = "localhost";
    const size_t local_length = sizeof local - 1;
    bool is_local = length >= local_length &&
                    strcasecmp(host + length - local_length, local) == 0 &&
                    (length == local_length || host[length - local_length - 1] == '.');
    return length > 0 && (!is_local || guard->private_networks);
}

/* 443; 80 with http; and ports that no well-known service has. */
static bool allows_port(const struct url_guard *guard, const char *scheme, const char *port)
{
    enum { HTTP = 80, HTTPS = 443, FIRST_FREE = 1024 };
    long number = strtol(port, NULL, 10);
    return number == HTTPS || number >= FIRST_FREE ||
           (number == HTTP && strcmp(scheme, "http") == 0) ||
           (guard->private_networks && number > 0);
}

/* NULL: the URL has no such part. Caller frees with curl_free(). */
static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    return curl_url_get(url, which, &text, flags) == CURLUE_OK ? text : NULL;
}

static enum url_guard_verdict judge(const struct url_guard *guard, CURLU *url)
{
    char *scheme = part(url, CURLUPART_SCHEME, 0);
    char *host = part(url, CURLUPART_HOST, CURLU_URLDECODE);
    char *port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    char *user = part(url, CURLUPART_USER, 0);
    char *password = part(url, CURLUPART_PASSWORD, 0);
    enum url_guard_verdict verdict = URL_GUARD_ALLOWED;
    if (scheme == NULL || host == NULL || port == NULL) {
        verdict = URL_GUARD_NOT_A_URL;
    } else if (user != NULL || password != NULL) {
        verdict = URL_GUARD_CREDENTIALS;
    } else if (!allows_host(guard, host)) {
        verdict = URL_GUARD_ADDRESS;
    } else if (!guard->http && strcmp(scheme, "http") == 0) {
        verdict = URL_GUARD_NOT_SECURE;
    } else if (!allows_port(guard, scheme, port)) {
        verdict = URL_GUARD_PORT;
    }
    char *const parts[] = {scheme, host, port, user, password};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        curl_free(parts[i]);
    }
    return verdict;
}

/* Visible ASCII with scheme and slashes, in which libcurl alone would be lenient. */
static bool looks_like_url(const char *text)
{
    size_t length = 0;
    while (text[length] > 0x20 && text[length] < 0x7f) {
        length++;
    }
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    return length <= MAX_WEBHOOK_URL && text[length] == '\0' && scheme > 0 && text[scheme] != '/';
}

enum url_guard_verdict url_guard_url(const struct url_guard *guard, const char *url)
{
    if (!looks_like_url(url)) {
        return URL_GUARD_NOT_A_URL;
    }
    if (strchr(url, '#') != NULL) {
        return URL_GUARD_FRAGMENT;
    }
    CURLU *parsed = curl_url();
    enum url_guard_verdict verdict = URL_GUARD_NOT_A_URL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
        verdict = judge(guard, parsed);
    }
    curl_url_cleanup(parsed);
    return verdict;
}
