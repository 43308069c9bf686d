#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 128, MAPPED_BITS = 96, MAPPED_BYTES = MAPPED_BITS / 8 };

static const unsigned char mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static void set_mapped(struct address *address, const void *four)
{
    memcpy(address->bytes, mapped, sizeof mapped);
    memcpy(address->bytes + MAPPED_BYTES, four, 4);
}

bool address_read(const char *text, size_t length, struct address *address)
{
    char copy[ADDRESS_TEXT_SIZE];
    if (length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    struct in_addr four;
    if (inet_pton(AF_INET, copy, &four) == 1) {
        set_mapped(address, &four);
        return true;
    }
    return inet_pton(AF_INET6, copy, address->bytes) == 1;
}

bool address_of_socket(const struct sockaddr *socket, struct address *address)
{
    if (socket != NULL && socket->sa_family == AF_INET) {
        set_mapped(address, &((const struct sockaddr_in *)(const void *)socket)->sin_addr);
        return true;
    }
    if (socket != NULL && socket->sa_family == AF_INET6) {
        memcpy(address->bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr,
               sizeof address->bytes);
        return true;
    }
    return false;
}

void address_write(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    if (is_mapped(address)) {
        (void)inet_ntop(AF_INET, address->bytes + MAPPED_BYTES, text, ADDRESS_TEXT_SIZE);
    } else {
        (void)inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_SIZE);
    }
}

bool address_is_loopback(const struct address *address)
{
    static const unsigned char one[sizeof address->bytes] = {[15] = 1};
    return memcmp(address->bytes, one, sizeof one) == 0 ||
           (is_mapped(address) && address->bytes[MAPPED_BYTES] == 127);
}

struct address address_network(const struct address *address)
{
    enum { NETWORK_BYTES = 8 };
    struct address network = *address;
    if (!is_mapped(address)) {
        memset(network.bytes + NETWORK_BYTES, 0, sizeof network.bytes - NETWORK_BYTES);
    }
    return network;
}

/* The prefix length after the slash; -1: malformed. */
static int read_bits(const char *text, size_t length, int most)
{
    int bits = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || bits > most) {
            return -1;
        }
        bits = 10 * bits + (text[i] - '0');
    }
    return length > 0 && bits <= most ? bits : -1;
}

static bool read_range(const char *text, size_t length, struct address_range *range)
{
    const char *slash = memchr(text, '/', length);
    size_t address_length = slash != NULL ? (size_t)(slash - text) : length;
    if (!address_read(text, address_length, &range->network)) {
        return false;
    }
    range->bits = BITS;
    if (slash != NULL) {
        bool four = memchr(text, ':', address_length) == NULL;
        int bits = read_bits(slash + 1, length - address_length - 1, four ? 32 : BITS);
        range->bits = four ? MAPPED_BITS + bits : bits;
        return bits >= 0;
    }
    return true;
}

static bool add_range(struct address_ranges *ranges, const char *text, size_t length)
{
    if (ranges->count == MAX_ADDRESS_RANGES ||
        !read_range(text, length, &ranges->rows[ranges->count])) {
        return false;
    }
    ranges->count++;
    return true;
}

bool address_ranges_read(const char *text, struct address_ranges *ranges)
{
    static const char loopback[] = "loopback";
    static const char separators[] = " ,";
    ranges->count = 0;
    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);
        bool read = length == sizeof loopback - 1 && memcmp(text, loopback, length) == 0
                        ? add_range(ranges, "127.0.0.0/8", 11) && add_range(ranges, "::1", 3)
                        : add_range(ranges, text, length);
        if (!read) {
            return false;
        }
        text += length;
    }
    return true;
}

static bool is_in_range(const struct address *address, const struct address_range *range)
{
    size_t whole = (size_t)range->bits / 8;
    int rest = range->bits % 8;
    if (memcmp(address->bytes, range->network.bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || (address->bytes[whole] ^ range->network.bytes[whole]) >> (8 - rest) == 0;
}

bool address_in(const struct address *address, const struct address_ranges *ranges)
{
    for (int i = 0; i < ranges->count; i++) {
        if (is_in_range(address, &ranges->rows[i])) {
            return true;
        }
    }
    return false;
}
