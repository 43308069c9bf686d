#include "http/message/client.h"

#include "http/message/forwarded.h"

static struct hops read_hops(const struct arrival *arrival, enum proxy_header header)
{
    return header == PROXY_HEADER_FORWARDED
               ? forwarded_read(arrival->forwarded)
               : forwarded_read_separate(arrival->forwarded_for, arrival->forwarded_proto);
}

static bool was_forwarded(const struct arrival *arrival)
{
    return arrival->forwarded_for != NULL || arrival->forwarded != NULL;
}

struct client client_find(const struct arrival *arrival, const struct proxy_trust *trust)
{
    struct client client = {.address = arrival->peer,
                            .known = arrival->peer_known,
                            .secure = arrival->encrypted,
                            .direct = true};
    if (!client.known || !address_in(&client.address, &trust->proxies)) {
        client.direct = !was_forwarded(arrival);
        return client;
    }
    struct hops hops = read_hops(arrival, trust->header);
    client.direct = hops.count > 0 || !was_forwarded(arrival);
    /* From the nearest proxy outwards, as long as each is trusted. */
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
