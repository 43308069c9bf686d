/* What webhooks are made of and needs no receiver: the guard, signatures, and answers made text. */
#include "base/utf8.h"
#include "cases.h"
#include "webhook/signature.h"
#include "webhook/url_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const struct url_guard strict = {.http = false};
static const struct url_guard lenient = {.http = true, .private_networks = true};

START_TEST(the_url_of_a_webhook_is_judged)
{
    static const struct {
        const char *url;
        enum url_guard_verdict by_default;
        enum url_guard_verdict with_all_allowed;
    } cases[] = {
        {"https://receiver.example/a?b=c", URL_GUARD_ALLOWED, URL_GUARD_ALLOWED},
        {"HTTPS://Receiver.Example:8443", URL_GUARD_ALLOWED, URL_GUARD_ALLOWED},
        {"https://[2606:4700::1]:443/", URL_GUARD_ALLOWED, URL_GUARD_ALLOWED},
        {"https://9.9.9.9", URL_GUARD_ALLOWED, URL_GUARD_ALLOWED},
        {"https://notlocalhost/", URL_GUARD_ALLOWED, URL_GUARD_ALLOWED},
        {"http://receiver.example/", URL_GUARD_NOT_SECURE, URL_GUARD_ALLOWED},
        {"http://127.0.0.1/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://127.0.0.1/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://127.1", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://2130706433/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://0x7f000001/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://0x7f.1", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://0177.0.0.1/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://127.0.0.1./", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://%31%32%37.0.0.1/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://0x7f00000%31:8226/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://%30177.1/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://213070643%33/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://[::1]/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"http://[::ffff:10.0.0.1]/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://[::ffff:10.0.0.1]/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://localhost/", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://a.LocalHost./", URL_GUARD_ADDRESS, URL_GUARD_ALLOWED},
        {"https://169.254.169.254/", URL_GUARD_ADDRESS, URL_GUARD_ADDRESS},
        {"https://0xa9fea9fe/", URL_GUARD_ADDRESS, URL_GUARD_ADDRESS},
        {"https://0/", URL_GUARD_ADDRESS, URL_GUARD_ADDRESS},
        {"https://[fe80::1%25eth0]/", URL_GUARD_ADDRESS, URL_GUARD_ADDRESS},
        {"https://user:word@receiver.example/", URL_GUARD_CREDENTIALS, URL_GUARD_CREDENTIALS},
        {"https://receiver.example\\@127.0.0.1/", URL_GUARD_CREDENTIALS, URL_GUARD_CREDENTIALS},
        {"https://receiver.example/#part", URL_GUARD_FRAGMENT, URL_GUARD_FRAGMENT},
        {"https://receiver.example:22/", URL_GUARD_PORT, URL_GUARD_ALLOWED},
        {"https://receiver.example:80/", URL_GUARD_PORT, URL_GUARD_ALLOWED},
        {"https://receiver.example:0/", URL_GUARD_PORT, URL_GUARD_PORT},
        {"https://receiver.example:65536/", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https://", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https:///receiver.example", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https:receiver.example", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"receiver.example", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"ftp://receiver.example/", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"file:///etc/passwd", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https://a b/", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https://receiver.example/\n", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https://r\xc3\xa9"
         "cepteur.example/",
         URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
        {"https://host%00.example/", URL_GUARD_NOT_A_URL, URL_GUARD_NOT_A_URL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(url_guard_url(&strict, cases[i].url) == cases[i].by_default, "%s",
                      cases[i].url);
        ck_assert_msg(url_guard_url(&lenient, cases[i].url) == cases[i].with_all_allowed, "%s, all",
                      cases[i].url);
    }
    char longest[MAX_WEBHOOK_URL + 2] = "https://receiver.example/";
    memset(longest + strlen(longest), 'a', MAX_WEBHOOK_URL + 1 - strlen(longest));
    ck_assert_int_eq(url_guard_url(&strict, longest), URL_GUARD_NOT_A_URL);
    longest[MAX_WEBHOOK_URL] = '\0';
    ck_assert_int_eq(url_guard_url(&strict, longest), URL_GUARD_ALLOWED);
}
END_TEST

static bool allows(const struct url_guard *guard, const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        return url_guard_address(guard, (const struct sockaddr *)(const void *)&four);
    }
    ck_assert_msg(inet_pton(AF_INET6, text, &six.sin6_addr) == 1, "%s", text);
    return url_guard_address(guard, (const struct sockaddr *)(const void *)&six);
}

START_TEST(an_address_is_judged_at_the_connection)
{
    static const char *const public[] = {"1.1.1.1",         "9.255.255.255",   "11.0.0.0",
                                         "100.63.255.255",  "100.128.0.0",     "126.255.255.255",
                                         "128.0.0.0",       "172.15.255.255",  "172.32.0.0",
                                         "192.167.255.255", "198.17.255.255",  "198.20.0.0",
                                         "223.255.255.255", "2606:4700::1",    "2a00::1",
                                         "::ffff:1.1.1.1",  "64:ff9b::1.1.1.1"};
    static const char *const private[] = {"10.0.0.0",         "10.255.255.255", "100.64.0.0",
                                          "100.127.255.255",  "127.0.0.1",      "172.16.0.0",
                                          "172.31.255.255",   "192.168.0.1",    "::1",
                                          "fc00::1",          "fdff:ffff::1",   "::ffff:127.0.0.1",
                                          "64:ff9b::10.0.0.1"};
    static const char *const never[] = {"0.0.0.0",
                                        "0.255.255.255",
                                        "169.254.169.254",
                                        "168.63.129.16",
                                        "192.0.0.192",
                                        "192.0.2.1",
                                        "192.88.99.1",
                                        "198.18.0.1",
                                        "198.19.255.255",
                                        "198.51.100.1",
                                        "203.0.113.1",
                                        "224.0.0.1",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::127.0.0.1",
                                        "::ffff:169.254.169.254",
                                        "64:ff9b::169.254.169.254",
                                        "64:ff9b:1::1",
                                        "100::1",
                                        "2001::1",
                                        "2001:db8::1",
                                        "2002:7f00:1::",
                                        "2002:a00:1::",
                                        "3fff::1",
                                        "fe80::1",
                                        "fec0::1",
                                        "ff02::1",
                                        "4000::1"};
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
        ck_assert_msg(allows(&strict, public[i]) && allows(&lenient, public[i]), "%s", public[i]);
    }
    for (size_t i = 0; i < sizeof private / sizeof *private; i++) {
        ck_assert_msg(!allows(&strict, private[i]) && allows(&lenient, private[i]), "%s",
                      private[i]);
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        ck_assert_msg(!allows(&strict, never[i]) && !allows(&lenient, never[i]), "%s", never[i]);
    }
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    ck_assert(!url_guard_address(&lenient, (const struct sockaddr *)(const void *)&local));
}
END_TEST

START_TEST(a_message_is_signed_as_standard_webhooks_has_it)
{
    static const char one[] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    static const char other[] = "whsec_//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
    static const char body[] = "{\"a\":\"é\"}";
    const struct signed_message message = {.id = "01a20d63-21fc-7124-b1ed-51bcc4050941",
                                           .time = "1796000000",
                                           .body = body,
                                           .length = sizeof body - 1};
    char signature[SIGNATURE_SIZE];
    ck_assert(signature_make(&message, one, NULL, signature));
    ck_assert_str_eq(signature, "v1,FvIqoUb9TqIWlmC4wxKZdBR1ce3rWfYytDIptd6YSX8=");
    ck_assert(signature_make(&message, one, other, signature));
    ck_assert_str_eq(signature, "v1,FvIqoUb9TqIWlmC4wxKZdBR1ce3rWfYytDIptd6YSX8= "
                                "v1,UzXajAPNgzmYpaGVjWxZTMYhOehM2/OjOB8NC5CsQiE=");
    ck_assert(
        !signature_make(&message, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", NULL, signature));
    ck_assert(!signature_make(&message, "whsec_~", NULL, signature));
    ck_assert(!signature_make(&message, one, "whsec_~", signature));
}
END_TEST

START_TEST(no_two_secrets_are_the_same)
{
    char one[SECRET_SIZE];
    char other[SECRET_SIZE];
    char signature[SIGNATURE_SIZE];
    ck_assert(secret_make(one) && secret_make(other));
    ck_assert_uint_eq(strlen(one), SECRET_SIZE - 1);
    ck_assert_str_ne(one, other);
    const struct signed_message message = {.id = "a", .time = "1", .body = "", .length = 0};
    ck_assert(signature_make(&message, one, other, signature));
}
END_TEST

START_TEST(an_answer_is_made_text_whatever_its_bytes)
{
    static const struct {
        const char *bytes;
        const char *text;
    } cases[] = {
        {"", ""},
        {"fine\n\t", "fine\n\t"},
        {"é€𝄞", "é€𝄞"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\x1b[31m\x7f", "\xef\xbf\xbd[31m\xef\xbf\xbd"},
        {"a\xc3", "a"},
        {"a\xe2\x82", "a"},
        {"a\xe0\xa0", "a"},
        {"a\xf0\x9d\x84", "a"},
        {"a\xf4", "a"},
        {"a\x80", "a\xef\xbf\xbd"},
        {"a\xed\xa0", "a\xef\xbf\xbd\xef\xbf\xbd"},
    };
    char text[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        utf8_mend(cases[i].bytes, strlen(cases[i].bytes), text);
        ck_assert_str_eq(text, cases[i].text);
    }
    utf8_mend("a\0b", 3, text);
    ck_assert_str_eq(text, "a\xef\xbf\xbd"
                           "b");
}
END_TEST

TCase *webhooks_case(void)
{
    TCase *webhooks = tcase_create("webhooks");
    tcase_add_test(webhooks, the_url_of_a_webhook_is_judged);
    tcase_add_test(webhooks, an_address_is_judged_at_the_connection);
    tcase_add_test(webhooks, a_message_is_signed_as_standard_webhooks_has_it);
    tcase_add_test(webhooks, no_two_secrets_are_the_same);
    tcase_add_test(webhooks, an_answer_is_made_text_whatever_its_bytes);
    return webhooks;
}
