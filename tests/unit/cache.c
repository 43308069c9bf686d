/* What is kept in memory: the shelf, kept answers on it, and how a request is spelled. */
#include "cases.h"
#include "http/cache/fast_path.h"
#include "http/cache/lru.h"
#include "http/cache/response_cache.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps an answer of these bytes, and lets go of it. */
static void keep(struct response_cache *kept, const char *key, const char *body, long long revision)
{
    struct reply reply = {.body = memory_copy_text(body), .length = strlen(body)};
    char known_at[SYNTAX_TIME_SIZE];
    (void)snprintf(known_at, sizeof known_at, "1970-01-01 00:%02lld:00+00", revision);
    struct cached_response *answer =
        cached_response_make(&reply, known_at, &(struct validity){.revision = revision});
    response_cache_put(kept, key, answer);
    cached_response_put(answer);
}

/* Whether it is there; a look is a question like any other. */
static bool is_kept(struct response_cache *kept, const char *key)
{
    struct cached_response *answer = response_cache_get(kept, key, ENCODING_IDENTITY);
    cached_response_put(answer);
    return answer != NULL;
}

START_TEST(what_was_asked_for_longest_ago_goes_first)
{
    struct response_cache *kept = response_cache_open(3, 100000);
    keep(kept, "a", "one", 1);
    keep(kept, "b", "one", 1);
    keep(kept, "c", "one", 1);
    ck_assert(is_kept(kept, "a"));
    keep(kept, "d", "one", 1);
    ck_assert(!is_kept(kept, "b"));
    ck_assert(is_kept(kept, "a"));
    ck_assert_uint_eq(response_cache_count(kept), 3);
    response_cache_close(kept);
    response_cache_close(NULL);
}
END_TEST

START_TEST(a_flood_of_names_asked_for_once_pushes_out_only_itself)
{
    struct response_cache *kept = response_cache_open(100, 1000000);
    for (int hot = 0; hot < 50; hot++) {
        char key[16];
        (void)snprintf(key, sizeof key, "hot %d", hot);
        keep(kept, key, "hot", 1);
        ck_assert(is_kept(kept, key));
    }
    for (int i = 0; i < 10000; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", i);
        keep(kept, key, "cold", 1);
    }
    /* Not asked for all the while. */
    for (int hot = 0; hot < 50; hot++) {
        char key[16];
        (void)snprintf(key, sizeof key, "hot %d", hot);
        ck_assert_msg(is_kept(kept, key), "%s", key);
    }
    ck_assert_uint_eq(response_cache_count(kept), 100);
    /* What was hot once makes room for what is now. */
    for (int i = 0; i < 200; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "new %d", i);
        keep(kept, key, "new", 1);
        ck_assert(is_kept(kept, key));
    }
    ck_assert(!is_kept(kept, "hot 0"));
    response_cache_close(kept);
}
END_TEST

START_TEST(an_older_answer_does_not_replace_a_newer_one)
{
    struct response_cache *kept = response_cache_open(10, 100000);
    keep(kept, "a", "new", 5);
    keep(kept, "a", "old", 4);
    struct cached_response *found = response_cache_get(kept, "a", ENCODING_IDENTITY);
    ck_assert(found->validity.revision == 5 && memcmp(found->body, "new", 3) == 0);
    /* Who holds an answer has it, whatever takes its place. */
    keep(kept, "a", "newest", 6);
    ck_assert_int_eq(memcmp(found->body, "new", 3), 0);
    cached_response_put(found);
    ck_assert_uint_eq(response_cache_count(kept), 1);
    response_cache_close(kept);
}
END_TEST

START_TEST(kept_bytes_are_bounded)
{
    enum { SIZE = 1000, MOST = 10000 };
    struct response_cache *kept = response_cache_open(1000, MOST);
    char body[SIZE + 1];
    memset(body, 'x', SIZE);
    body[SIZE] = '\0';
    for (int i = 0; i < 100; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", i);
        keep(kept, key, body, 1);
        ck_assert(i % 2 == 0 || is_kept(kept, key));
        ck_assert_uint_le(response_cache_bytes(kept), MOST);
    }
    ck_assert_uint_ge(response_cache_count(kept), 5);
    response_cache_close(kept);
    kept = response_cache_open(0, MOST);
    keep(kept, "a", body, 1);
    ck_assert_uint_eq(response_cache_count(kept), 0);
    response_cache_close(kept);
}
END_TEST

START_TEST(the_same_bytes_are_as_old_as_they_were)
{
    struct response_cache *kept = response_cache_open(10, 100000);
    keep(kept, "a", "plain", 1);
    keep(kept, "a", "plain", 2);
    struct cached_response *found = response_cache_get(kept, "a", ENCODING_IDENTITY);
    ck_assert_int_eq(found->modified, 60);
    cached_response_put(found);
    keep(kept, "a", "other", 3);
    found = response_cache_get(kept, "a", ENCODING_IDENTITY);
    ck_assert_int_eq(found->modified, 180);
    cached_response_put(found);
    response_cache_close(kept);
}
END_TEST

START_TEST(each_coding_of_an_answer_has_its_tag_and_its_headers)
{
    enum { SIZE = 1000 };
    char *body = memory_allocate(SIZE);
    memset(body, 'x', SIZE);
    struct reply reply = {.body = body, .length = SIZE, .content_type = "text/plain"};
    reply.headers[reply.header_count++] = (struct header){.name = "Link", .text = "</>"};
    struct cached_response *plain = cached_response_make(
        &reply, "1970-01-01 00:00:07+00", &(struct validity){.revision = 1, .immutable = true});
    ck_assert_ptr_null(reply.body);
    ck_assert_ptr_null(cached_response_encode(plain, ENCODING_IDENTITY));
    struct cached_response *packed = cached_response_encode(plain, ENCODING_GZIP);
    ck_assert_uint_lt(packed->length, plain->length);
    ck_assert_str_ne(packed->tag, plain->tag);
    ck_assert_str_eq(packed->plain_tag, plain->tag);
    ck_assert(packed->validity.immutable && packed->modified == 7 && packed->header_count == 1);
    ck_assert_str_eq(packed->headers[0].text, "</>");
    struct response_cache *kept = response_cache_open(10, 100000);
    response_cache_put(kept, "a", packed);
    ck_assert_ptr_null(response_cache_get(kept, "a", ENCODING_BROTLI));
    cached_response_put(plain);
    cached_response_put(packed);
    packed = response_cache_get(kept, "a", ENCODING_GZIP);
    ck_assert_int_eq(packed->encoding, ENCODING_GZIP);
    cached_response_put(packed);
    response_cache_close(kept);
}
END_TEST

START_TEST(a_spelling_is_one_request_and_no_other)
{
    const struct spelling spellings[] = {
        {.address = "/a"},
        {.address = "/a", .accept = ""},
        {.address = "/a", .accept = "x"},
        {.address = "/a", .accept_encoding = "x"},
        {.address = "/a", .accept_language = "x"},
        {.address = "/a", .accept = "x", .accept_encoding = "y"},
        {.address = "/b"},
    };
    enum { COUNT = sizeof spellings / sizeof spellings[0] };
    char texts[COUNT][MAX_VERBATIM_KEY];
    for (int i = 0; i < COUNT; i++) {
        ck_assert(spelling_write(&spellings[i], texts[i]));
        for (int other = 0; other < i; other++) {
            ck_assert_str_ne(texts[i], texts[other]);
        }
    }
    char address[MAX_VERBATIM_KEY + 1];
    memset(address, 'x', sizeof address);
    for (int length = 0; length < MAX_VERBATIM_KEY; length++) {
        address[length] = '\0';
        char text[MAX_VERBATIM_KEY];
        const struct spelling spelling = {.address = address, .accept_language = "en"};
        ck_assert(!spelling_write(&spelling, text) || strlen(text) < MAX_VERBATIM_KEY);
        address[length] = 'x';
    }
}
END_TEST

TCase *kept_case(void)
{
    TCase *kept = tcase_create("kept");
    tcase_add_test(kept, what_was_asked_for_longest_ago_goes_first);
    tcase_add_test(kept, a_flood_of_names_asked_for_once_pushes_out_only_itself);
    tcase_add_test(kept, an_older_answer_does_not_replace_a_newer_one);
    tcase_add_test(kept, kept_bytes_are_bounded);
    tcase_add_test(kept, the_same_bytes_are_as_old_as_they_were);
    tcase_add_test(kept, each_coding_of_an_answer_has_its_tag_and_its_headers);
    tcase_add_test(kept, a_spelling_is_one_request_and_no_other);
    return kept;
}
