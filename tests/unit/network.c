/* Clients: their addresses, traces, rates and counts; and the watchdog of the process. */
#include "base/address.h"
#include "base/clock.h"
#include "base/watchdog.h"
#include "cases.h"
#include "http/handle/metrics.h"
#include "http/message/client.h"
#include "http/message/forwarded.h"
#include "http/message/rate_limit.h"
#include "http/message/trace.h"
#include "http/request/route.h"
#include "http/server/connection_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct address read_address(const char *text)
{
    struct address address;
    ck_assert_msg(address_read(text, strlen(text), &address), "%s", text);
    return address;
}

START_TEST(an_address_is_read_and_written)
{
    static const char *const good[] = {"192.0.2.1", "127.0.0.1",   "0.0.0.0",
                                       "::1",       "2001:db8::1", "::"};
    static const char *const bad[] = {"",          "192.0.2",      "192.0.2.256", "1.2.3.4.5",
                                      "localhost", "2001:db8:::1", "[::1]",       "192.0.2.1:80",
                                      " ::1",      "::1%lo"};
    char text[ADDRESS_TEXT_SIZE];
    struct address address;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        address = read_address(good[i]);
        address_write(&address, text);
        ck_assert_str_eq(text, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!address_read(bad[i], strlen(bad[i]), &address), "%s", bad[i]);
    }
    /* Two forms of one address are one. */
    address = read_address("::ffff:192.0.2.1");
    address_write(&address, text);
    ck_assert_str_eq(text, "192.0.2.1");
    char long_text[100];
    memset(long_text, '1', sizeof long_text);
    ck_assert(!address_read(long_text, sizeof long_text, &address));
}
END_TEST

START_TEST(a_socket_has_the_whole_address)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_storage other = {.ss_family = AF_UNIX};
    (void)inet_pton(AF_INET, "192.0.2.7", &four.sin_addr);
    (void)inet_pton(AF_INET6, "2001:db8:1:2:3:4:5:6", &six.sin6_addr);
    struct address address;
    char text[ADDRESS_TEXT_SIZE];
    ck_assert(address_of_socket((struct sockaddr *)(void *)&four, &address));
    address_write(&address, text);
    ck_assert_str_eq(text, "192.0.2.7");
    ck_assert(address_of_socket((struct sockaddr *)(void *)&six, &address));
    address_write(&address, text);
    ck_assert_str_eq(text, "2001:db8:1:2:3:4:5:6");
    ck_assert(!address_of_socket((struct sockaddr *)(void *)&other, &address));
    ck_assert(!address_of_socket(NULL, &address));
}
END_TEST

START_TEST(a_range_holds_what_begins_like_it)
{
    static const struct {
        const char *ranges;
        const char *address;
        bool in;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.0.0.0/8", "::10.0.0.1", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"0.0.0.0/0", "198.51.100.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "198.51.100.1", true},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"loopback", "127.1.2.3", true},
        {"loopback", "::1", true},
        {"loopback", "::2", false},
        {"loopback", "128.0.0.1", false},
        {" 10.0.0.0/8,  ::1 ", "::1", true},
        {"", "127.0.0.1", false},
    };
    struct address_ranges ranges;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(address_ranges_read(cases[i].ranges, &ranges), "%s", cases[i].ranges);
        struct address address = read_address(cases[i].address);
        ck_assert_msg(address_in(&address, &ranges) == cases[i].in, "%s in %s", cases[i].address,
                      cases[i].ranges);
    }
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/",  "10.0.0.0/x",
                                      "::/129",      "::/-1",      "10.0.0.0/8/8",
                                      "here",        "loopback/8", "::/99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!address_ranges_read(bad[i], &ranges), "%s", bad[i]);
    }
    char many[(MAX_ADDRESS_RANGES + 1) * 4 + 1] = "";
    for (char *at = many; at < many + sizeof many - 1; at += 4) {
        memcpy(at, "::1 ", 4);
    }
    ck_assert(!address_ranges_read(many, &ranges));
}
END_TEST

START_TEST(loopback_is_told_in_both_families)
{
    static const char *const own[] = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"};
    static const char *const others[] = {"128.0.0.1", "0.0.0.0", "::", "::2", "2001:db8::1"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        struct address address = read_address(own[i]);
        ck_assert_msg(address_is_loopback(&address), "%s", own[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct address address = read_address(others[i]);
        ck_assert_msg(!address_is_loopback(&address), "%s", others[i]);
    }
}
END_TEST

/* The hops as "address proto, …", from the farthest to the nearest. */
static void write_hops(const struct hops *hops, char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < hops->count; i++) {
        char address[ADDRESS_TEXT_SIZE] = "?";
        if (hops->rows[i].known) {
            address_write(&hops->rows[i].address, address);
        }
        size_t length = strlen(text);
        (void)snprintf(text + length, size - length, "%s%s%s", i > 0 ? ", " : "", address,
                       hops->rows[i].secure ? " https" : "");
    }
}

START_TEST(forwarded_is_read_as_rfc_7239_has_it)
{
    static const struct {
        const char *header;
        const char *hops;
    } cases[] = {
        {"for=192.0.2.43", "192.0.2.43"},
        {"For=\"[2001:db8:cafe::17]:4711\"; Proto=HTTPS", "2001:db8:cafe::17 https"},
        {"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"},
        {"for=192.0.2.43, for=198.51.100.17;proto=https", "192.0.2.43, 198.51.100.17 https"},
        {"for=\"192.0.2.43:47011\"", "192.0.2.43"},
        {"for=unknown, for=_hidden;proto=https", "?, ? https"},
        {"for=\"a,b;for=192.0.2.1\", for=192.0.2.2", "?, 192.0.2.2"},
        {"for=\"a\\\",b\", for=192.0.2.2", "?, 192.0.2.2"},
        {"for=\"192.0.2.1", "?"},
        {"for=[2001:db8::1", "?"},
        {"proto=https", "? https"},
        {"nothing", "?"},
        {"", "?"},
        {",", "?, ?"},
        {NULL, ""},
    };
    char text[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hops hops = forwarded_read(cases[i].header);
        write_hops(&hops, text, sizeof text);
        ck_assert_str_eq(text, cases[i].hops);
    }
    struct hops hops = forwarded_read("for=192.0.2.1,,,,,,,,,,,,,,,for=192.0.2.2,for=192.0.2.3");
    ck_assert_int_eq(hops.count, MAX_HOPS);
    ck_assert(!hops.rows[0].known && hops.rows[MAX_HOPS - 1].known);
}
END_TEST

START_TEST(the_separate_headers_are_matched_from_the_right)
{
    static const struct {
        const char *addresses;
        const char *protos;
        const char *hops;
    } cases[] = {
        {"192.0.2.1", "https", "192.0.2.1 https"},
        {"192.0.2.1", NULL, "192.0.2.1"},
        {"192.0.2.1, 198.51.100.2", "https", "192.0.2.1 https, 198.51.100.2 https"},
        {"192.0.2.1, 198.51.100.2", "https, http", "192.0.2.1 https, 198.51.100.2"},
        {"198.51.100.2", "https, http", "198.51.100.2"},
        {"192.0.2.1:80,[::1]:80,2001:db8::1", "HTTPS",
         "192.0.2.1 https, ::1 https, 2001:db8::1 https"},
        {"unknown", "httpsx", "?"},
        {NULL, "https", ""},
    };
    char text[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hops hops = forwarded_read_separate(cases[i].addresses, cases[i].protos);
        write_hops(&hops, text, sizeof text);
        ck_assert_str_eq(text, cases[i].hops);
    }
}
END_TEST

START_TEST(a_client_is_who_the_last_trusted_proxy_names)
{
    static const struct {
        const char *peer;
        const char *trusted;
        const char *header; /* X-Forwarded-For, or Forwarded if it begins with for= */
        const char *proto;
        const char *client;
        bool direct;
        bool secure;
    } cases[] = {
        {"192.0.2.1", "", NULL, NULL, "192.0.2.1", true, false},
        {"192.0.2.1", "", "10.1.1.1", "https", "192.0.2.1", false, false},
        {"10.0.0.1", "10.0.0.0/8", NULL, "https", "10.0.0.1", true, false},
        {"10.0.0.1", "10.0.0.0/8", "192.0.2.9", "https", "192.0.2.9", true, true},
        {"10.0.0.1", "10.0.0.0/8", "127.0.0.1, 192.0.2.9", "https", "192.0.2.9", true, true},
        {"10.0.0.1", "10.0.0.0/8", "192.0.2.9, 10.0.0.2", "https, http", "192.0.2.9", true, true},
        {"10.0.0.1", "10.0.0.0/8", "10.0.0.3, 10.0.0.2", "http", "10.0.0.3", true, false},
        {"10.0.0.1", "10.0.0.0/8", "192.0.2.9, unknown, 10.0.0.2", "https", "10.0.0.2", false,
         true},
        {"127.0.0.1", "loopback", "for=127.0.0.1", NULL, "127.0.0.1", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *header = cases[i].header;
        bool standard = header != NULL && strncmp(header, "for=", 4) == 0;
        const struct arrival arrival = {.peer = read_address(cases[i].peer),
                                        .peer_known = true,
                                        .forwarded = standard ? header : NULL,
                                        .forwarded_for = standard ? NULL : header,
                                        .forwarded_proto = cases[i].proto};
        struct proxy_trust trust = {.header = PROXY_HEADER_X_FORWARDED};
        ck_assert(address_ranges_read(cases[i].trusted, &trust.proxies));
        struct client client = client_find(&arrival, &trust);
        char text[ADDRESS_TEXT_SIZE];
        address_write(&client.address, text);
        ck_assert_str_eq(text, cases[i].client);
        ck_assert_msg(client.direct == cases[i].direct && client.secure == cases[i].secure, "%zu",
                      i);
        trust.header = PROXY_HEADER_FORWARDED;
        client = client_find(&arrival, &trust);
        ck_assert(!client_is_local(&client) || strcmp(cases[i].peer, "127.0.0.1") == 0);
    }
    const struct arrival nobody = {.peer_known = false};
    struct proxy_trust trust = {.header = PROXY_HEADER_X_FORWARDED};
    struct client client = client_find(&nobody, &trust);
    ck_assert(!client.known && !client_is_local(&client));
}
END_TEST

START_TEST(a_trace_is_taken_over_whole_or_not_at_all)
{
#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
    static const struct {
        const char *header;
        bool good;
    } cases[] = {
        {"00-" ID "-" PARENT "-01", true},
        {"00-" ID "-" PARENT "-00", true},
        {"cc-" ID "-" PARENT "-01", true},
        {"cc-" ID "-" PARENT "-01-what-is-to-come", true},
        {"cc-" ID "-" PARENT "-01.what", false},
        {"00-" ID "-" PARENT "-01-more", false},
        {"ff-" ID "-" PARENT "-01", false},
        {"0-" ID "-" PARENT "-01", false},
        {"00-" ID "-" PARENT "-1", false},
        {"00-" ID "-" PARENT "-0x", false},
        {"00-" ID "-" PARENT "_01", false},
        {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01", false},
        {"00-00000000000000000000000000000000-" PARENT "-01", false},
        {"00-" ID "-0000000000000000-01", false},
        {"00-" ID "-" PARENT, false},
        {"00-" ID "-" PARENT "-01,00-" ID "-" PARENT "-01", false},
        {" 00-" ID "-" PARENT "-01", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trace trace = trace_read(cases[i].header);
        ck_assert_str_eq(trace.id, cases[i].good ? ID : "");
        ck_assert_str_eq(trace.parent, cases[i].good ? PARENT : "");
    }
    char text[TRACE_TEXT_SIZE];
    struct trace trace = trace_read("cc-" ID "-" PARENT "-03-more");
    trace_write(&trace, text);
    ck_assert_str_eq(text, "00-" ID "-" PARENT "-01");
    trace = trace_read("00-" ID "-" PARENT "-02");
    trace_write(&trace, text);
    ck_assert_str_eq(text, "00-" ID "-" PARENT "-00");
}
END_TEST

static void answer_nothing(struct exchange *exchange)
{
    (void)exchange;
}

START_TEST(requests_are_counted_by_route_method_and_status)
{
    static const struct route table[] = {{"GET", "/a", answer_nothing, .parameters = NULL},
                                         {"POST", "/a", answer_nothing, .parameters = NULL},
                                         {.method = NULL}};
    struct metrics *metrics = metrics_open(table);
    metrics_request(metrics, &table[0], "GET", 200, 50);
    metrics_request(metrics, &table[0], "GET", 200, 51);
    metrics_request(metrics, &table[0], "HEAD", 304, 0);
    metrics_request(metrics, &table[1], "POST", 418, 99999999);
    metrics_request(metrics, NULL, "BREW", 404, 1);
    metrics_request(metrics, NULL, "OPTIONS", 204, 1);
    metrics_cache(metrics, CACHE_HIT);
    metrics_cache(metrics, CACHE_NOT_USED);
    metrics_connection(metrics, 1);
    metrics_connection(metrics, 1);
    metrics_connection(metrics, -1);

    char seen[400] = "";
    struct metrics_series series;
    for (size_t number = 0; metrics_read_series(metrics, number, &series); number++) {
        const char *status = NULL;
        unsigned long long count = 0;
        for (size_t i = 0; metrics_read_status(metrics, number, i, &status, &count); i++) {
            if (count > 0) {
                size_t length = strlen(seen);
                (void)snprintf(seen + length, sizeof seen - length, "%s %s %s %llu;", series.method,
                               series.route, status, count);
            }
        }
    }
    ck_assert_str_eq(seen, "GET /a 200 2;HEAD /a 304 1;POST /a other 1;OPTIONS  204 1;"
                           "other  404 1;");
    ck_assert(metrics_read_series(metrics, 0, &series));
    ck_assert_int_eq(metrics_bound(0), 50);
    ck_assert_uint_eq(series.buckets[0], 1);
    ck_assert_uint_eq(series.buckets[1], 2);
    ck_assert_uint_eq(series.buckets[METRICS_BUCKETS - 1], 2);
    ck_assert_uint_eq(series.microseconds, 101);
    ck_assert(metrics_read_series(metrics, 2, &series));
    ck_assert_uint_eq(series.buckets[METRICS_BUCKETS - 2], 0);
    ck_assert_uint_eq(series.count, 1);
    ck_assert_uint_eq(metrics_read_cache(metrics, CACHE_HIT), 1);
    ck_assert_uint_eq(metrics_read_cache(metrics, CACHE_NOT_USED), 0);
    ck_assert_int_eq(metrics_read_connections(metrics), 1);
    metrics_close(metrics);
    metrics_close(NULL);
}
END_TEST

enum { SECOND = 1000000 };

START_TEST(a_quota_is_used_up_and_comes_back)
{
    struct rate_limit *quota = rate_limit_open(2, 4);
    ck_assert_int_eq(rate_limit_requests(quota), 4);
    ck_assert_int_eq(rate_limit_window(quota), 2);
    struct address client = read_address("192.0.2.1");
    long long now = 1000LL * SECOND;
    for (long left = 3; left >= 0; left--) {
        struct rate_limit_result turn = rate_limit_take(quota, &client, now);
        ck_assert(turn.granted);
        ck_assert_int_eq(turn.left, left);
        ck_assert_int_eq(turn.retry, 0);
    }
    struct rate_limit_result turn = rate_limit_take(quota, &client, now);
    ck_assert(!turn.granted);
    ck_assert_int_eq(turn.left, 0);
    ck_assert_int_eq(turn.reset, 2);
    ck_assert_int_eq(turn.retry, 1);
    /* Refusals cost nothing: half a second later one more is granted, and only one. */
    ck_assert(rate_limit_take(quota, &client, now + SECOND / 2).granted);
    ck_assert(!rate_limit_take(quota, &client, now + SECOND / 2).granted);
    /* After a quiet while all of it is there again, and no more. */
    turn = rate_limit_take(quota, &client, now + 100LL * SECOND);
    ck_assert(turn.granted);
    ck_assert_int_eq(turn.left, 3);
    rate_limit_close(quota);
    ck_assert_ptr_null(rate_limit_open(0, 4));
    rate_limit_close(NULL);
}
END_TEST

START_TEST(each_client_has_a_quota_and_the_table_is_bounded)
{
    struct rate_limit *quota = rate_limit_open(1, 1);
    long long now = 1000LL * SECOND;
    struct address one = read_address("2001:db8:1:2::1");
    struct address neighbour = read_address("2001:db8:1:2:ffff::1");
    struct address other = read_address("2001:db8:1:3::1");
    ck_assert(rate_limit_take(quota, &one, now).granted);
    ck_assert(!rate_limit_take(quota, &neighbour, now).granted);
    ck_assert(rate_limit_take(quota, &other, now).granted);
    /* A million clients later the first ones were quiet long enough to have theirs back. */
    for (unsigned i = 0; i < 1000000; i++) {
        struct address crowd = read_address("10.0.0.0");
        memcpy(crowd.bytes + 12, &i, sizeof i);
        ck_assert(rate_limit_take(quota, &crowd, now + 2LL * SECOND + i).granted);
    }
    ck_assert(rate_limit_take(quota, &one, now + 4LL * SECOND).granted);
    rate_limit_close(quota);
}
END_TEST

START_TEST(a_crowd_is_counted_by_client)
{
    struct connection_limit *crowd = connection_limit_open(2, 100);
    struct address one = read_address("192.0.2.1");
    struct address other = read_address("192.0.2.2");
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_GRANTED);
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_GRANTED);
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_CLIENT_FULL);
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_CLIENT_FULL);
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_DROP);
    ck_assert_int_eq(connection_limit_acquire(crowd, &other), ADMISSION_GRANTED);
    ck_assert_int_eq(connection_limit_acquire(crowd, NULL), ADMISSION_GRANTED);
    for (int i = 0; i < 4; i++) {
        connection_limit_release(crowd, &one);
    }
    ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_GRANTED);
    connection_limit_release(crowd, NULL);
    /* From 95 of 100 on, whoever comes. */
    for (int i = 3; i < 95; i++) {
        ck_assert_int_eq(connection_limit_acquire(crowd, NULL), ADMISSION_GRANTED);
    }
    ck_assert_int_eq(connection_limit_acquire(crowd, NULL), ADMISSION_SERVER_FULL);
    connection_limit_close(crowd);
    connection_limit_close(NULL);

    crowd = connection_limit_open(0, 1000);
    for (int i = 0; i < 900; i++) {
        ck_assert_int_eq(connection_limit_acquire(crowd, &one), ADMISSION_GRANTED);
    }
    for (int i = 0; i < 900; i++) {
        connection_limit_release(crowd, &one);
    }
    connection_limit_close(crowd);
}
END_TEST

/* A probe that succeeds twice. */
static bool succeeds_twice(void *source, int timeout_ms)
{
    int *count = source;
    ck_assert_int_eq(timeout_ms, 10);
    return ++*count <= 2;
}

static struct watchdog *start_watchdog(int limit_ms, int *count)
{
    return watchdog_start(&(struct watchdog_settings){
        .limit_ms = limit_ms, .max_probe_ms = 10, .is_alive = succeeds_twice, .source = count});
}

START_TEST(a_watchdog_aborts_when_its_probe_has_failed_for_its_limit)
{
    enum { LIMIT_MS = 100, NEVER_MS = 60000 };
    int count = 0;
    ck_assert_ptr_null(start_watchdog(0, &count));
    watchdog_stop(start_watchdog(NEVER_MS, &count));
    ck_assert_int_le(count, 1);
    const long long start = clock_milliseconds();
    const pid_t child = fork();
    if (child == 0) {
        (void)start_watchdog(LIMIT_MS, &count);
        (void)pause();
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_int_ge(clock_milliseconds() - start, LIMIT_MS);
}
END_TEST

TCase *network_case(void)
{
    TCase *network = tcase_create("network");
    tcase_add_test(network, an_address_is_read_and_written);
    tcase_add_test(network, a_socket_has_the_whole_address);
    tcase_add_test(network, a_range_holds_what_begins_like_it);
    tcase_add_test(network, loopback_is_told_in_both_families);
    tcase_add_test(network, forwarded_is_read_as_rfc_7239_has_it);
    tcase_add_test(network, the_separate_headers_are_matched_from_the_right);
    tcase_add_test(network, a_client_is_who_the_last_trusted_proxy_names);
    tcase_add_test(network, a_trace_is_taken_over_whole_or_not_at_all);
    tcase_add_test(network, requests_are_counted_by_route_method_and_status);
    tcase_add_test(network, a_quota_is_used_up_and_comes_back);
    tcase_add_test(network, each_client_has_a_quota_and_the_table_is_bounded);
    tcase_add_test(network, a_crowd_is_counted_by_client);
    /* A million clients take their time under the sanitizers. */
    tcase_set_timeout(network, 120);
    tcase_add_test(network, a_watchdog_aborts_when_its_probe_has_failed_for_its_limit);
    return network;
}
