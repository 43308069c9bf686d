#include "webhook/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The blocks of IPv4 that are not of the public Internet (IANA's registry of special-purpose
 * addresses, RFC 6890). */
static const struct {
    uint32_t first;
    int bits;
    bool is_private; /* may be allowed; the others never are */
} blocks[] = {
    {0x00000000, 8, false},  /* 0.0.0.0: this host */
    {0x0a000000, 8, true},   /* 10.0.0.0: private */
    {0x64400000, 10, true},  /* 100.64.0.0: shared, behind the provider's translation */
    {0x7f000000, 8, true},   /* 127.0.0.0: loopback */
    {0xa83f8110, 32, false}, /* 168.63.129.16: a cloud's own address for its machines */
    {0xa9fe0000, 16, false}, /* 169.254.0.0: link-local, and the clouds' metadata */
    {0xac100000, 12, true},  /* 172.16.0.0: private */
    {0xc0000000, 24, false}, /* 192.0.0.0: protocol assignments */
    {0xc0000200, 24, false}, /* 192.0.2.0: documentation */
    {0xc0586300, 24, false}, /* 192.88.99.0: relays of 6to4 */
    {0xc0a80000, 16, true},  /* 192.168.0.0: private */
    {0xc6120000, 15, false}, /* 198.18.0.0: benchmarks */
    {0xc6336400, 24, false}, /* 198.51.100.0: documentation */
    {0xcb007100, 24, false}, /* 203.0.113.0: documentation */
    {0xe0000000, 4, false},  /* 224.0.0.0: multicast */
    {0xf0000000, 4, false},  /* 240.0.0.0: reserved, and broadcast */
};

static bool allows_ipv4(const struct guard *guard, uint32_t address)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        uint32_t mask = UINT32_MAX << (32 - blocks[i].bits);
        if ((address & mask) == blocks[i].first) {
            return blocks[i].is_private && guard->private_networks;
        }
    }
    return true;
}

enum ipv6_rule {
    IPV6_ALLOWED,
    IPV6_PRIVATE,
    IPV6_REFUSED,
    IPV6_LIKE_IPV4 /* of the last 4 bytes */
};

/* Blocks of IPv6, the first that fits decides: public is what lies in 2000::/3 and has no other
 * use; what carries an address of IPv4 is judged by that. */
static const struct {
    uint8_t first[16];
    int bits;
    enum ipv6_rule rule;
} blocks6[] = {
    {{[10] = 0xff, 0xff}, 96, IPV6_LIKE_IPV4},    /* ::ffff:0:0, mapped */
    {{0, 0x64, 0xff, 0x9b}, 96, IPV6_LIKE_IPV4},  /* 64:ff9b::, NAT64 */
    {{[15] = 1}, 128, IPV6_PRIVATE},              /* ::1, loopback */
    {{0xfc}, 7, IPV6_PRIVATE},                    /* fc00::, unique local */
    {{0x20, 0x01}, 23, IPV6_REFUSED},             /* 2001::, protocols, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, IPV6_REFUSED}, /* 2001:db8::, documentation */
    {{0x20, 0x02}, 16, IPV6_REFUSED},             /* 2002::, 6to4 */
    {{0x3f, 0xff}, 20, IPV6_REFUSED},             /* 3fff::, documentation */
    {{0x20}, 3, IPV6_ALLOWED},                    /* 2000::, global unicast */
};

static bool lies_in(const uint8_t address[16], const uint8_t first[16], int bits)
{
    int bytes = bits / 8;
    int rest = bits % 8;
    return memcmp(address, first, (size_t)bytes) == 0 &&
           (rest == 0 || (address[bytes] ^ first[bytes]) >> (8 - rest) == 0);
}

static bool allows_ipv6(const struct guard *guard, const uint8_t address[16])
{
    for (size_t i = 0; i < sizeof blocks6 / sizeof blocks6[0]; i++) {
        if (!lies_in(address, blocks6[i].first, blocks6[i].bits)) {
            continue;
        }
        if (blocks6[i].rule == IPV6_LIKE_IPV4) {
            uint32_t embedded = 0;
            memcpy(&embedded, address + 12, sizeof embedded);
            return allows_ipv4(guard, ntohl(embedded));
        }
        return blocks6[i].rule == IPV6_ALLOWED ||
               (blocks6[i].rule == IPV6_PRIVATE && guard->private_networks);
    }
    return false;
}

bool guard_address(const struct guard *guard, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        return allows_ipv4(guard, ntohl(four.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof six);
        return allows_ipv6(guard, six.sin6_addr.s6_addr);
    }
    return false;
}

/* The host as libcurl has it: it writes every numeral of IPv4 (hexadecimal, octal, shortened) in
 * the usual form, and IPv6 in brackets. */
static bool allows_host(const struct guard *guard, char *host)
{
    struct in_addr four;
    struct in6_addr six;
    size_t length = strlen(host);
    if (length > 0 && host[length - 1] == '.') {
        host[--length] = '\0';
    }
    if (inet_pton(AF_INET, host, &four) == 1) {
        return allows_ipv4(guard, ntohl(four.s_addr));
    }
    if (host[0] == '[') {
        host[length - 1] = '\0';
        return inet_pton(AF_INET6, host + 1, &six) == 1 && allows_ipv6(guard, six.s6_addr);
    }
    /* RFC 6761 §6.3; any other name is judged by what it resolves to. */
    static const char local[] = "localhost";
    const size_t local_length = sizeof local - 1;
    bool is_local = length >= local_length &&
                    strcasecmp(host + length - local_length, local) == 0 &&
                    (length == local_length || host[length - local_length - 1] == '.');
    return length > 0 && (!is_local || guard->private_networks);
}

/* 443, and what is no well-known service of another kind; 80 with http. */
static bool allows_port(const struct guard *guard, const char *scheme, const char *port)
{
    enum { HTTP = 80, HTTPS = 443, FIRST_FREE = 1024 };
    long number = strtol(port, NULL, 10);
    return number == HTTPS || number >= FIRST_FREE ||
           (number == HTTP && strcmp(scheme, "http") == 0) ||
           (guard->private_networks && number > 0);
}

/* NULL: the URL has no such part. The caller frees with curl_free. */
static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    return curl_url_get(url, which, &text, flags) == CURLUE_OK ? text : NULL;
}

static enum guard_verdict judge(const struct guard *guard, CURLU *url)
{
    char *scheme = part(url, CURLUPART_SCHEME, 0);
    char *host = part(url, CURLUPART_HOST, CURLU_URLDECODE);
    char *port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    char *user = part(url, CURLUPART_USER, 0);
    char *password = part(url, CURLUPART_PASSWORD, 0);
    enum guard_verdict verdict = GUARD_ALLOWED;
    if (scheme == NULL || host == NULL || port == NULL) {
        verdict = GUARD_NOT_A_URL;
    } else if (user != NULL || password != NULL) {
        verdict = GUARD_CREDENTIALS;
    } else if (!allows_host(guard, host)) {
        verdict = GUARD_ADDRESS;
    } else if (!guard->http && strcmp(scheme, "http") == 0) {
        verdict = GUARD_NOT_SECURE;
    } else if (!allows_port(guard, scheme, port)) {
        verdict = GUARD_PORT;
    }
    char *const parts[] = {scheme, host, port, user, password};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        curl_free(parts[i]);
    }
    return verdict;
}

/* Visible ASCII that begins as a URL does: libcurl is lenient about slashes. */
static bool looks_like_url(const char *text)
{
    size_t length = 0;
    while (text[length] > 0x20 && text[length] < 0x7f) {
        length++;
    }
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    return length <= GUARD_URL_LONGEST && text[length] == '\0' && scheme > 0 && text[scheme] != '/';
}

enum guard_verdict guard_url(const struct guard *guard, const char *url)
{
    if (!looks_like_url(url)) {
        return GUARD_NOT_A_URL;
    }
    if (strchr(url, '#') != NULL) {
        return GUARD_FRAGMENT;
    }
    CURLU *parsed = curl_url();
    enum guard_verdict verdict = GUARD_NOT_A_URL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
        verdict = judge(guard, parsed);
    }
    curl_url_cleanup(parsed);
    return verdict;
}
