#include "http/server/peer.h"

static enum MHD_Result add_header(void *closure, enum MHD_ValueKind kind, const char *name,
                                  const char *text)
{
    (void)kind;
    exchange_add_header(closure, name, text != NULL ? text : "");
    return MHD_YES;
}

void peer_add_headers(struct MHD_Connection *connection, struct exchange *exchange)
{
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, exchange);
}

static bool address_of(struct MHD_Connection *connection, struct address *address)
{
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return peer != NULL && address_of_socket(peer->client_addr, address);
}

static bool is_encrypted(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return session != NULL && session->tls_session != NULL;
}

struct client peer_client(struct MHD_Connection *connection, const struct exchange *exchange,
                          const struct proxy_trust *trust)
{
    struct arrival arrival = {
        .encrypted = is_encrypted(connection),
        .forwarded = exchange_header(exchange, "Forwarded"),
        .forwarded_for = exchange_header(exchange, "X-Forwarded-For"),
        .forwarded_proto = exchange_header(exchange, "X-Forwarded-Proto"),
    };
    arrival.peer_known = address_of(connection, &arrival.peer);
    return client_find(&arrival, trust);
}

struct client peer_logged(struct MHD_Connection *connection, const struct proxy_trust *trust)
{
    struct client client = {.known = false};
    client.known = address_of(connection, &client.address);
    if (!client.known || !address_in(&client.address, &trust->proxies)) {
        return client;
    }
    struct exchange scratch = {.arena = arena_open()};
    peer_add_headers(connection, &scratch);
    client = peer_client(connection, &scratch, trust);
    exchange_end(&scratch);
    return client;
}
