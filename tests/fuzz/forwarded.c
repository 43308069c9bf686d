/* Lines: Forwarded, X-Forwarded-For, X-Forwarded-Proto, ranges of addresses. */
#include "http/message/forwarded.h"
#include "fuzz.h"
#include "http/message/client.h"

#include <string.h>

static void check_hops(const struct hops *hops)
{
    fuzz_require(hops->count >= 0 && hops->count <= MAX_HOPS, "hops are bounded");
    for (int i = 0; i < hops->count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        struct address again;
        address_write(&hops->rows[i].address, text);
        fuzz_require(!hops->rows[i].known ||
                         (address_read(text, strlen(text), &again) &&
                          memcmp(&again, &hops->rows[i].address, sizeof again) == 0),
                     "an address survives writing");
    }
}

static void find_clients(const struct fuzz_lines *lines)
{
    struct proxy_trust trust = {.header = PROXY_HEADER_FORWARDED};
    (void)address_ranges_read("loopback, 10.0.0.0/8", &trust.proxies);
    struct arrival arrival = {.peer_known = true,
                              .forwarded = lines->rows[0],
                              .forwarded_for = lines->rows[1],
                              .forwarded_proto = lines->rows[2]};
    (void)address_read("127.0.0.1", strlen("127.0.0.1"), &arrival.peer);
    (void)client_find(&arrival, &trust);
    trust.header = PROXY_HEADER_X_FORWARDED;
    (void)client_find(&arrival, &trust);
    arrival.peer.bytes[15] = 7;
    arrival.peer.bytes[12] = 192;
    struct client direct = client_find(&arrival, &trust);
    fuzz_require(memcmp(&direct.address, &arrival.peer, sizeof arrival.peer) == 0,
                 "a stranger forwards nobody");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 4);
    struct hops hops = forwarded_read(lines.rows[0]);
    check_hops(&hops);
    hops = forwarded_read_separate(lines.rows[1], lines.rows[2]);
    check_hops(&hops);
    find_clients(&lines);
    struct address_ranges ranges;
    if (address_ranges_read(lines.rows[3], &ranges)) {
        fuzz_require(ranges.count >= 0 && ranges.count <= MAX_ADDRESS_RANGES, "ranges are bounded");
        (void)address_in(&hops.rows[0].address, &ranges);
    }
    fuzz_lines_close(&lines);
    return 0;
}
