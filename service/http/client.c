#include "http/client.h"

#include "http/forwarded.h"

static struct hops read_hops(const struct _u_map *headers, enum proxy_header header)
{
    return header == PROXY_HEADER_FORWARDED
               ? forwarded_read(u_map_get_case(headers, "Forwarded"))
               : forwarded_read_separate(u_map_get_case(headers, "X-Forwarded-For"),
                                         u_map_get_case(headers, "X-Forwarded-Proto"));
}

static bool was_passed_on(const struct _u_map *headers)
{
    return u_map_get_case(headers, "X-Forwarded-For") != NULL ||
           u_map_get_case(headers, "Forwarded") != NULL;
}

struct client client_find(const struct received *received, const struct trust *trust)
{
    const struct _u_map *headers = received->ulfius.map_header;
    struct client client = {.address = received->peer,
                            .known = received->peer_known,
                            .secure = received->encrypted,
                            .direct = true};
    if (!client.known || !address_in(&client.address, &trust->proxies)) {
        client.direct = !was_passed_on(headers);
        return client;
    }
    struct hops hops = read_hops(headers, trust->header);
    client.direct = hops.count > 0 || !was_passed_on(headers);
    /* From the nearest proxy on, as far as each is trusted. */
    while (hops.count > 0 && address_in(&client.address, &trust->proxies)) {
        const struct hop *hop = &hops.rows[--hops.count];
        client.secure = hop->secure;
        if (!hop->known) {
            client.direct = false;
            break;
        }
        client.address = hop->address;
    }
    return client;
}

bool client_is_local(const struct client *client)
{
    return client->known && client->direct && address_is_loopback(&client->address);
}
