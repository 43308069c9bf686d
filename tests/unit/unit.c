/* The pieces of the protocol that have no socket and no database: forms, negotiation, tags,
 * tokens, request ids, sentences. */
#include "auth/token.h"
#include "base/syntax.h"
#include "cases.h"
#include "http/message/encoding.h"
#include "http/message/entity_tag.h"
#include "http/message/message.h"
#include "http/message/request_id.h"
#include "http/request/negotiation.h"
#include "http/request/route.h"
#include "render/csv.h"
#include "render/html.h"
#include "render/json.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_day_is_one_of_the_calendar)
{
    static const char *const days[] = {"1992-02-05", "2024-02-29", "2000-02-29", "2999-12-31"};
    static const char *const others[] = {
        "1900-02-29", "2023-02-30", "2023-04-31", "2023-1-1", "2023-01-01 ",
        "1899-12-31", "3000-01-01", "",           "x"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        ck_assert_msg(syntax_is_date(days[i]), "%s", days[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_msg(!syntax_is_date(others[i]), "%s", others[i]);
    }
}
END_TEST

START_TEST(a_moment_is_written_again_in_utc)
{
    static const struct {
        const char *given;
        const char *canonical; /* NULL: is none */
    } cases[] = {
        {"2026-11-24T09:30:00Z", "2026-11-24T09:30:00.000000Z"},
        {"2026-11-24t09:30:00z", "2026-11-24T09:30:00.000000Z"},
        {"2026-11-24T09:30:00.5Z", "2026-11-24T09:30:00.500000Z"},
        {"2026-11-24T09:30:00.1234567Z", "2026-11-24T09:30:00.123456Z"},
        {"2026-11-24T09:30:00+01:30", "2026-11-24T08:00:00.000000Z"},
        {"2026-11-24T09:30:00 01:30", "2026-11-24T08:00:00.000000Z"},
        {"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000000Z"},
        {"2026-11-24T24:00:00Z", NULL},
        {"2026-11-24T09:30Z", NULL},
        {"2026-11-24", NULL},
        {"2026-11-24T09:30:00", NULL},
        {"2026-11-24T09:30:00.Z", NULL},
        {"2026-11-24T09:30:00+0130", NULL},
        {"2026-11-24T09:30:00Zx", NULL},
        {"1900-01-01T00:30:00+01:00", NULL},
        {"2999-12-31T23:30:00-01:00", NULL},
        {"2999-12-31T23:30:00+01:00", "2999-12-31T22:30:00.000000Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char canonical[SYNTAX_TIME_SIZE];
        bool good = syntax_read_time(cases[i].given, canonical);
        ck_assert_msg(good == (cases[i].canonical != NULL), "%s", cases[i].given);
        if (good) {
            ck_assert_str_eq(canonical, cases[i].canonical);
        }
    }
}
END_TEST

START_TEST(a_path_is_decoded_once)
{
    static const struct {
        const char *given;
        const char *canonical;
    } cases[] = {
        {"/v1/states/%49TA", "/v1/states/ITA"},
        {"/%c3%a9%2f", "/%C3%A9%2F"},
        {"/%25%34%39", "/%2549"},
        {"/%%34%39TA", "/%%34%39TA"},
        {"/%41%3%34", "/A%3%34"},
        {"/%", "/%"},
    };
    struct arena *arena = arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *given = cases[i].given;
        char *canonical = syntax_canonical_path(arena, given, strlen(given));
        ck_assert_str_eq(canonical, cases[i].canonical);
        ck_assert_str_eq(syntax_canonical_path(arena, canonical, strlen(canonical)), canonical);
    }
    arena_close(arena);
}
END_TEST

START_TEST(utf8_is_what_rfc_3629_says)
{
    static const char *const good[] = {"", "a", "é", "€", "𝄞", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",     "\xc0\xaf",     "\xc1\xbf",         "\xe0\x80\x80",     "\xed\xa0\x80",
        "\xe2\x82", "\xf5\x80\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "a\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(syntax_is_utf8(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!syntax_is_utf8(bad[i], strlen(bad[i])), "%zu", i);
    }
    ck_assert_uint_eq(syntax_count_characters("été €"), 5);
}
END_TEST

START_TEST(percent_codes_are_decoded_or_refused)
{
    char decoded[32];
    ck_assert(syntax_decode_percent("a%20b+c%C3%A9", 13, false, decoded));
    ck_assert_str_eq(decoded, "a b+cé");
    ck_assert(syntax_decode_percent("a+b", 3, true, decoded));
    ck_assert_str_eq(decoded, "a b");
    ck_assert(!syntax_decode_percent("a%2", 3, false, decoded));
    ck_assert(!syntax_decode_percent("%", 1, false, decoded));
    ck_assert(!syntax_decode_percent("%zz", 3, false, decoded));
    ck_assert(!syntax_decode_percent("%00", 3, false, decoded));
}
END_TEST

START_TEST(codes_references_and_addresses_have_their_form)
{
    ck_assert(syntax_is_state_code("it") && syntax_is_state_code("ITA"));
    ck_assert(!syntax_is_state_code("ITAL") && !syntax_is_state_code("I") &&
              !syntax_is_state_code("I1"));
    ck_assert(syntax_is_reference("ITA-2") && syntax_is_reference("ita-123456789"));
    ck_assert(!syntax_is_reference("ITA-0") && !syntax_is_reference("ITA-") &&
              !syntax_is_reference("IT-2") && !syntax_is_reference("ITA-1234567890") &&
              !syntax_is_reference("ITA-2x"));
    ck_assert(syntax_is_url("https://a.example/b?c=d&e=f") && syntax_is_url("http://[::1]/"));
    ck_assert(!syntax_is_url("ftp://a") && !syntax_is_url("https://") &&
              !syntax_is_url("https://a b"));
    ck_assert(syntax_has_control("a\x01") && syntax_has_control("\x7f") &&
              !syntax_has_control("a\n\tb"));
}
END_TEST

START_TEST(the_closest_range_decides_the_media_type)
{
    static const char *const offered[] = {"application/json", "text/csv", NULL};
    ck_assert_int_eq(negotiate_media(NULL, offered), 0);
    ck_assert_int_eq(negotiate_media("", offered), 0);
    ck_assert_int_eq(negotiate_media("*/*", offered), 0);
    ck_assert_int_eq(negotiate_media("text/csv", offered), 1);
    ck_assert_int_eq(negotiate_media("text/*, application/json;q=0.5", offered), 1);
    ck_assert_int_eq(negotiate_media("application/json;q=0, */*", offered), 1);
    ck_assert_int_eq(negotiate_media("TEXT/CSV ; q=0.2 , application/json ; q=0.1", offered), 1);
    ck_assert_int_eq(negotiate_media("image/png", offered), -1);
    ck_assert_int_eq(negotiate_media("application/json;q=0", offered), -1);
    ck_assert_int_eq(negotiate_media("application/json;q=x", offered), -1);
}
END_TEST

START_TEST(french_is_chosen_when_it_is_preferred)
{
    ck_assert_int_eq(negotiate_language(NULL), LANGUAGE_ENGLISH);
    ck_assert_int_eq(negotiate_language("de"), LANGUAGE_ENGLISH);
    ck_assert_int_eq(negotiate_language("fr"), LANGUAGE_FRENCH);
    ck_assert_int_eq(negotiate_language("fr-BE, en;q=0.9"), LANGUAGE_FRENCH);
    ck_assert_int_eq(negotiate_language("en, fr"), LANGUAGE_ENGLISH);
    ck_assert_int_eq(negotiate_language("en;q=0.4, fr;q=0.5"), LANGUAGE_FRENCH);
    ck_assert_int_eq(negotiate_language("fr;q=0.5, *"), LANGUAGE_ENGLISH);
    ck_assert_int_eq(negotiate_language("fr;q=0"), LANGUAGE_ENGLISH);
}
END_TEST

START_TEST(a_list_of_tags_names_a_tag)
{
    char tag[ENTITY_TAG_SIZE];
    entity_tag_make("", 0, tag);
    ck_assert_str_eq(tag, "\"e3b0c44298fc1c149afbf4c8996fb924\"");
    ck_assert(entity_tag_in("\"a\", \"b\"", "\"b\"", false));
    ck_assert(entity_tag_in("*", "\"b\"", false) && entity_tag_in(" * ", "\"b\"", false));
    ck_assert(entity_tag_in("W/\"b\"", "\"b\"", true));
    ck_assert(!entity_tag_in("W/\"b\"", "\"b\"", false));
    ck_assert(!entity_tag_in("\"bb\"", "\"b\"", true) && !entity_tag_in("b", "\"b\"", true));
    ck_assert(entity_tag_list_valid("\"a,b\", W/\"c\"") && entity_tag_list_valid("*"));
    ck_assert(!entity_tag_list_valid("a") && !entity_tag_list_valid("\"a\" \"b\"") &&
              !entity_tag_list_valid("") && !entity_tag_list_valid("\"a"));
}
END_TEST

START_TEST(a_token_is_known_by_its_digest)
{
    char one[TOKEN_SIZE];
    char other[TOKEN_SIZE];
    ck_assert(token_make(one) && token_make(other));
    ck_assert_str_ne(one, other);
    ck_assert_uint_eq(strlen(one), strlen("ets144_") + 43);
    char header[TOKEN_SIZE + 8];
    (void)snprintf(header, sizeof header, "bearer %s", one);
    ck_assert_str_eq(token_in_header(header), one);
    ck_assert_ptr_null(token_in_header(NULL));
    ck_assert_ptr_null(token_in_header("Bearer x"));
    ck_assert_ptr_null(token_in_header("Basic eDp5"));
    char digest[TOKEN_DIGEST_SIZE];
    token_digest("abc", digest);
    ck_assert_str_eq(digest, "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(a_request_id_is_well_formed)
{
    struct arena *arena = arena_open();
    ck_assert_str_eq(request_id(arena, "a-b.c_1"), "a-b.c_1");
    const char *made = request_id(arena, "a b");
    ck_assert_uint_eq(strlen(made), 36);
    ck_assert(made[14] == '7' && strchr("89ab", made[19]) != NULL);
    ck_assert_str_ne(made, request_id(arena, NULL));
    arena_close(arena);
}
END_TEST

START_TEST(a_moment_of_the_database_becomes_one_of_rfc_3339)
{
    struct arena *arena = arena_open();
    ck_assert_str_eq(render_time(arena, "2026-11-24 09:30:00+00"), "2026-11-24T09:30:00.000000Z");
    ck_assert_str_eq(render_time(arena, "2026-11-24 09:30:00.5+00"), "2026-11-24T09:30:00.500000Z");
    ck_assert_str_eq(render_time(arena, "infinity"), "infinity");
    arena_close(arena);
}
END_TEST

START_TEST(a_sentence_is_filled_in)
{
    struct arena *arena = arena_open();
    ck_assert_str_eq(message_fill(arena, LANGUAGE_ENGLISH, MESSAGE_NOT_A_NUMBER, "{1}", "1", "9"),
                     "\"{1}\" is not a whole number from 1 to 9.");
    ck_assert_str_eq(message_fill(arena, LANGUAGE_FRENCH, MESSAGE_TOO_MANY, "5", NULL, NULL),
                     "Il y a plus de 5 éléments.");
    arena_close(arena);
}
END_TEST

START_TEST(an_arena_holds_the_small_and_the_large)
{
    struct arena *arena = arena_open();
    char *large = arena_allocate(arena, 100000);
    memset(large, 'x', 100000);
    for (int i = 0; i < 5000; i++) {
        const char *text = arena_print(arena, "%d", i);
        ck_assert_int_eq(strtol(text, NULL, 10), i);
    }
    ck_assert_int_eq(large[99999], 'x');
    arena_close(arena);
    arena_close(NULL);
}
END_TEST

START_TEST(a_coding_is_negotiated_and_its_bytes_are_smaller)
{
    ck_assert(negotiate_encoding(NULL) == ENCODING_IDENTITY);
    ck_assert(negotiate_encoding("gzip, deflate, br") == ENCODING_BROTLI);
    ck_assert(negotiate_encoding("gzip;q=1, br;q=0.5") == ENCODING_GZIP);
    ck_assert(negotiate_encoding("br;q=0, *") == ENCODING_GZIP);
    ck_assert(negotiate_encoding("identity, gzip;q=0.5") == ENCODING_IDENTITY);
    ck_assert(negotiate_encoding("deflate") == ENCODING_IDENTITY);
    ck_assert(negotiate_encoding("") == ENCODING_IDENTITY);
    char text[4000];
    memset(text, 'x', sizeof text);
    for (int encoding = ENCODING_GZIP; encoding < ENCODING_COUNT; encoding++) {
        char *made = NULL;
        size_t length = 0;
        ck_assert(encoding_make((enum encoding)encoding, text, sizeof text, &made, &length));
        ck_assert_uint_lt(length, 100);
        free(made);
        ck_assert(!encoding_make((enum encoding)encoding, "ab", 2, &made, &length));
    }
}
END_TEST

static void answer_nothing(struct exchange *exchange)
{
    exchange->response.status = 204;
}

START_TEST(a_route_is_found_by_method_and_path)
{
    static const struct route table[] = {
        {"GET", "/a/{x}", answer_nothing, .parameters = NULL},
        {"PUT", "/a/{x}", answer_nothing, .parameters = NULL},
        {"GET", "/a/{x}/b", answer_nothing, .parameters = NULL},
        {.method = NULL},
    };
    static const struct {
        const char *method;
        const char *path;
        enum route_match match;
    } cases[] = {
        {"GET", "/a/1", ROUTE_FOUND},       {"HEAD", "/a/1", ROUTE_FOUND},
        {"PUT", "/a/1", ROUTE_FOUND},       {"DELETE", "/a/1", ROUTE_METHOD_NOT_ALLOWED},
        {"GET", "/a/1/b", ROUTE_FOUND},     {"GET", "/a/", ROUTE_NOT_FOUND},
        {"GET", "/a", ROUTE_NOT_FOUND},     {"GET", "/a/1/", ROUTE_NOT_FOUND},
        {"GET", "/a/1/c", ROUTE_NOT_FOUND}, {"GET", "", ROUTE_NOT_FOUND},
        {"GET", "/a/%ff", ROUTE_MALFORMED}, {"GET", "/a/%", ROUTE_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange exchange = {
            .arena = arena_open(), .method = cases[i].method, .path = cases[i].path};
        ck_assert_msg(route_find(&exchange, table) == cases[i].match, "%s", cases[i].path);
        arena_close(exchange.arena);
    }
    struct exchange exchange = {.arena = arena_open(), .method = "GET", .path = "/a/%C3%A9"};
    (void)route_find(&exchange, table);
    ck_assert_str_eq(exchange_value(&exchange, "x"), "é");
    ck_assert_str_eq(route_allow(&exchange, table), "GET, HEAD, PUT, OPTIONS");
    arena_close(exchange.arena);
}
END_TEST

START_TEST(a_formula_is_guarded_and_the_guard_taken_off_again)
{
    static const struct {
        const char *text;
        const char *cell;
    } cases[] = {
        {"", ""},
        {"a", "a"},
        {"=1", "'=1"},
        {"+44", "'+44"},
        {"-2", "'-2"},
        {"@a", "'@a"},
        {"\ta", "'\ta"},
        {"\na", "\"'\na\""},
        {"＝1", "'＝1"},
        {"＠", "'＠"},
        {"'=1", "''=1"},
        {"''-", "'''-"},
        {"'s-Hertogenbosch", "'s-Hertogenbosch"},
        {"'", "'"},
        {"a=1", "a=1"},
        {"1992-02-05", "1992-02-05"},
        {"=A1,\"x\"", "\"'=A1,\"\"x\"\"\""},
        {" a", "\" a\""},
        {"a ", "\"a \""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct csv csv = {.in_row = false};
        csv_add_text(&csv, cases[i].text);
        buffer_add(&csv.buffer, "", 1);
        ck_assert_str_eq(csv.buffer.bytes, cases[i].cell);
        free(csv.buffer.bytes);
        char guarded[64];
        (void)snprintf(guarded, sizeof guarded, "%s%s", csv_needs_guard(cases[i].text) ? "'" : "",
                       cases[i].text);
        ck_assert_str_eq(csv_without_guard(guarded), cases[i].text);
    }
}
END_TEST

START_TEST(a_text_in_a_page_has_no_meaning_there)
{
    struct buffer page = {.bytes = NULL};
    html_add(&page, "<p title=\"%s\">%s 100%%</p>", "\"&\"", "<script>a && b</script>%s");
    buffer_add(&page, "", 1);
    ck_assert_str_eq(page.bytes, "<p title=\"&quot;&amp;&quot;\">&lt;script&gt;a &amp;&amp; b"
                                 "&lt;/script&gt;%s 100%%</p>");
    free(page.bytes);
}
END_TEST

START_TEST(a_row_has_a_comma_between_its_cells_even_the_empty_ones)
{
    struct csv csv = {.in_row = false};
    csv_begin(&csv);
    csv_add_text(&csv, NULL);
    csv_add_plain(&csv, "-1");
    csv_add_text(&csv, "");
    csv_end_row(&csv);
    csv_add_text(&csv, "b");
    csv_end_row(&csv);
    buffer_add(&csv.buffer, "", 1);
    ck_assert_str_eq(csv.buffer.bytes, "\xEF\xBB\xBF,-1,\r\nb\r\n");
    free(csv.buffer.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit");
    TCase *all = tcase_create("protocol");
    tcase_add_test(all, a_day_is_one_of_the_calendar);
    tcase_add_test(all, a_moment_is_written_again_in_utc);
    tcase_add_test(all, a_path_is_decoded_once);
    tcase_add_test(all, utf8_is_what_rfc_3629_says);
    tcase_add_test(all, percent_codes_are_decoded_or_refused);
    tcase_add_test(all, codes_references_and_addresses_have_their_form);
    tcase_add_test(all, the_closest_range_decides_the_media_type);
    tcase_add_test(all, french_is_chosen_when_it_is_preferred);
    tcase_add_test(all, a_list_of_tags_names_a_tag);
    tcase_add_test(all, a_token_is_known_by_its_digest);
    tcase_add_test(all, a_request_id_is_well_formed);
    tcase_add_test(all, a_moment_of_the_database_becomes_one_of_rfc_3339);
    tcase_add_test(all, a_sentence_is_filled_in);
    tcase_add_test(all, an_arena_holds_the_small_and_the_large);
    tcase_add_test(all, a_coding_is_negotiated_and_its_bytes_are_smaller);
    tcase_add_test(all, a_route_is_found_by_method_and_path);
    tcase_add_test(all, a_formula_is_guarded_and_the_guard_taken_off_again);
    tcase_add_test(all, a_text_in_a_page_has_no_meaning_there);
    tcase_add_test(all, a_row_has_a_comma_between_its_cells_even_the_empty_ones);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, csv_case());
    suite_add_tcase(suite, feeds_case());
    suite_add_tcase(suite, cache_case());
    suite_add_tcase(suite, network_case());
    suite_add_tcase(suite, webhooks_case());
    suite_add_tcase(suite, text_case());
    suite_add_tcase(suite, requests_case());
    suite_add_tcase(suite, rows_case());
    SRunner *runner = srunner_create(suite);
    /* In one process, so that the sanitizers see all of it. */
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
