/* IP addresses and ranges. An IPv4 address is stored as the IPv6 address it is mapped to
 * (::ffff:192.0.2.1, RFC 4291 §2.5.5.2), so that there is only one kind. */
#ifndef ETS144_BASE_ADDRESS_H
#define ETS144_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 48, MAX_ADDRESS_RANGES = 64 };

struct address {
    unsigned char bytes[16];
};

struct address_range {
    struct address network;
    int bits; /* length of the prefix, of 128 */
};

struct address_ranges {
    struct address_range rows[MAX_ADDRESS_RANGES];
    int count;
};

/* Reads 192.0.2.1 or 2001:db8::1; false: it is neither. */
bool address_read(const char *text, size_t length, struct address *address);
/* False: the socket is of another family. */
bool address_of_socket(const struct sockaddr *socket, struct address *address);
void address_write(const struct address *address, char text[ADDRESS_TEXT_SIZE]);
bool address_is_loopback(const struct address *address);
/* The network that counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address.
 */
struct address address_network(const struct address *address);

/* Reads ranges that are separated by spaces or commas: 10.0.0.0/8, 2001:db8::/32, an address, or
 * the word loopback. False: a malformed range, or more than MAX_ADDRESS_RANGES. */
bool address_ranges_read(const char *text, struct address_ranges *ranges);
bool address_in(const struct address *address, const struct address_ranges *ranges);

#endif
