/* The response cache: the LRU cache below it, both kinds of key, single flight. */
#include "base/hash.h"
#include "base/memory.h"
#include "cases.h"
#include "http/cache/fast_path.h"
#include "http/cache/lru.h"
#include "http/cache/response_cache.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stores a response of these bytes. */
static void store(struct response_cache *cache, const char *key, const char *body,
                  long long revision)
{
    char *owned = memory_copy_text(body);
    struct response response = {.bytes = owned, .owned = owned, .length = strlen(body)};
    char known_at[SYNTAX_TIME_SIZE];
    (void)snprintf(known_at, sizeof known_at, "1970-01-01 00:%02lld:00+00", revision);
    struct cached_response *cached =
        cached_response_make(&response, known_at, &(struct validity){.revision = revision});
    response_cache_put(cache, key, cached);
    cached_response_put(cached);
}

/* A look counts as a use. */
static bool is_cached(struct response_cache *cache, const char *key)
{
    struct cached_response *response = response_cache_get(cache, key, ENCODING_IDENTITY);
    cached_response_put(response);
    return response != NULL;
}

START_TEST(the_least_recently_used_entry_is_evicted_first)
{
    struct response_cache *cache = response_cache_open(3, 100000);
    store(cache, "a", "one", 1);
    store(cache, "b", "one", 1);
    store(cache, "c", "one", 1);
    ck_assert(is_cached(cache, "a"));
    store(cache, "d", "one", 1);
    ck_assert(!is_cached(cache, "b"));
    ck_assert(is_cached(cache, "a"));
    ck_assert_uint_eq(response_cache_count(cache), 3);
    response_cache_close(cache);
    response_cache_close(NULL);
}
END_TEST

START_TEST(a_burst_of_keys_used_once_evicts_only_itself)
{
    struct response_cache *cache = response_cache_open(100, 1000000);
    for (int hot = 0; hot < 50; hot++) {
        char key[16];
        (void)snprintf(key, sizeof key, "hot %d", hot);
        store(cache, key, "hot", 1);
        ck_assert(is_cached(cache, key));
    }
    for (int i = 0; i < 10000; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", i);
        store(cache, key, "cold", 1);
    }
    /* Not asked for all the while. */
    for (int hot = 0; hot < 50; hot++) {
        char key[16];
        (void)snprintf(key, sizeof key, "hot %d", hot);
        ck_assert_msg(is_cached(cache, key), "%s", key);
    }
    ck_assert_uint_eq(response_cache_count(cache), 100);
    /* What was hot once makes room for what is now. */
    for (int i = 0; i < 200; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "new %d", i);
        store(cache, key, "new", 1);
        ck_assert(is_cached(cache, key));
    }
    ck_assert(!is_cached(cache, "hot 0"));
    response_cache_close(cache);
}
END_TEST

START_TEST(an_older_response_does_not_replace_a_newer_one)
{
    struct response_cache *cache = response_cache_open(10, 100000);
    store(cache, "a", "new", 5);
    store(cache, "a", "old", 4);
    struct cached_response *found = response_cache_get(cache, "a", ENCODING_IDENTITY);
    ck_assert(found->validity.revision == 5 && memcmp(found->body, "new", 3) == 0);
    /* Who holds an response has it, whatever takes its place. */
    store(cache, "a", "newest", 6);
    ck_assert_int_eq(memcmp(found->body, "new", 3), 0);
    cached_response_put(found);
    ck_assert_uint_eq(response_cache_count(cache), 1);
    response_cache_close(cache);
}
END_TEST

START_TEST(cached_bytes_are_bounded)
{
    enum { SIZE = 1000, MOST = 10000 };
    struct response_cache *cache = response_cache_open(1000, MOST);
    char body[SIZE + 1];
    memset(body, 'x', SIZE);
    body[SIZE] = '\0';
    for (int i = 0; i < 100; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", i);
        store(cache, key, body, 1);
        ck_assert(i % 2 == 0 || is_cached(cache, key));
        ck_assert_uint_le(response_cache_bytes(cache), MOST);
    }
    ck_assert_uint_ge(response_cache_count(cache), 5);
    response_cache_close(cache);
    cache = response_cache_open(0, MOST);
    store(cache, "a", body, 1);
    ck_assert_uint_eq(response_cache_count(cache), 0);
    response_cache_close(cache);
}
END_TEST

START_TEST(the_same_bytes_keep_their_modification_time)
{
    struct response_cache *cache = response_cache_open(10, 100000);
    store(cache, "a", "plain", 1);
    store(cache, "a", "plain", 2);
    struct cached_response *found = response_cache_get(cache, "a", ENCODING_IDENTITY);
    ck_assert_int_eq(found->modified, 60);
    cached_response_put(found);
    store(cache, "a", "other", 3);
    found = response_cache_get(cache, "a", ENCODING_IDENTITY);
    ck_assert_int_eq(found->modified, 180);
    cached_response_put(found);
    response_cache_close(cache);
}
END_TEST

START_TEST(each_coding_of_a_response_has_its_tag_and_its_headers)
{
    enum { SIZE = 1000 };
    char *body = memory_allocate(SIZE);
    memset(body, 'x', SIZE);
    struct response response = {
        .bytes = body, .owned = body, .length = SIZE, .content_type = "text/plain"};
    response.headers[response.header_count++] = (struct header){.name = "Link", .text = "</>"};
    struct cached_response *plain = cached_response_make(
        &response, "1970-01-01 00:00:07+00", &(struct validity){.revision = 1, .immutable = true});
    ck_assert_ptr_null(response.owned);
    ck_assert_ptr_null(cached_response_encode(plain, ENCODING_IDENTITY));
    struct cached_response *packed = cached_response_encode(plain, ENCODING_GZIP);
    ck_assert_uint_lt(packed->length, plain->length);
    ck_assert_str_ne(packed->tag, plain->tag);
    ck_assert_str_eq(packed->plain_tag, plain->tag);
    ck_assert(packed->validity.immutable && packed->modified == 7 && packed->header_count == 1);
    ck_assert_str_eq(packed->headers[0].text, "</>");
    struct response_cache *cache = response_cache_open(10, 100000);
    response_cache_put(cache, "a", packed);
    ck_assert_ptr_null(response_cache_get(cache, "a", ENCODING_BROTLI));
    cached_response_put(plain);
    cached_response_put(packed);
    packed = response_cache_get(cache, "a", ENCODING_GZIP);
    ck_assert_int_eq(packed->encoding, ENCODING_GZIP);
    cached_response_put(packed);
    response_cache_close(cache);
}
END_TEST

START_TEST(a_verbatim_key_is_of_one_request_only)
{
    const struct verbatim_request requests[] = {
        {.address = "/a"},
        {.address = "/a", .accept = ""},
        {.address = "/a", .accept = "x"},
        {.address = "/a", .accept_encoding = "x"},
        {.address = "/a", .accept_language = "x"},
        {.address = "/a", .accept = "x", .accept_encoding = "y"},
        {.address = "/b"},
    };
    enum { COUNT = sizeof requests / sizeof requests[0] };
    char texts[COUNT][MAX_VERBATIM_KEY];
    for (int i = 0; i < COUNT; i++) {
        ck_assert(verbatim_key(&requests[i], texts[i]));
        for (int other = 0; other < i; other++) {
            ck_assert_str_ne(texts[i], texts[other]);
        }
    }
    char address[MAX_VERBATIM_KEY + 1];
    memset(address, 'x', sizeof address);
    for (int length = 0; length < MAX_VERBATIM_KEY; length++) {
        address[length] = '\0';
        char text[MAX_VERBATIM_KEY];
        const struct verbatim_request request = {.address = address, .accept_language = "en"};
        ck_assert(!verbatim_key(&request, text) || strlen(text) < MAX_VERBATIM_KEY);
        address[length] = 'x';
    }
}
END_TEST

/* A value that two others share. */
struct small {
    struct lru_value value;
};

static void small_destroy(struct ref *ref)
{
    free(ref);
}

static struct small *small_make(size_t size, struct lru_value *part)
{
    struct small *small = memory_allocate(sizeof *small);
    ref_init(&small->value.ref, small_destroy);
    small->value.size = size;
    small->value.part = part;
    return small;
}

START_TEST(shared_bytes_count_once)
{
    enum { OWN = 10, MAX_BYTES = 100000 };
    static const size_t SHARED = 1000;
    struct lru_cache *cache = lru_open(2, MAX_BYTES);
    struct small *shared = small_make(SHARED, NULL);
    struct small *users[] = {small_make(OWN, &shared->value), small_make(OWN, &shared->value)};
    lru_put(cache, "shared", &shared->value, NULL);
    size_t before = lru_bytes(cache);
    lru_put(cache, "0", &users[0]->value, NULL);
    ck_assert_uint_lt(lru_bytes(cache) - before, SHARED);
    /* The entry of the shared value is evicted; its bytes are still in use. */
    lru_put(cache, "1", &users[1]->value, NULL);
    ck_assert_ptr_null(lru_get(cache, "shared"));
    ck_assert_uint_gt(lru_bytes(cache), SHARED);
    ck_assert_uint_lt(lru_bytes(cache), 2 * SHARED);
    lru_close(cache);
    ref_put(&users[0]->value.ref);
    ref_put(&users[1]->value.ref);
    ref_put(&shared->value.ref);
}
END_TEST

/* Reference values of the authors for SipHash-2-4 with the key 00 01 ... 0f, and the input 00 01
 * ... of each length from 0 to 7 and of 15 bytes. */
START_TEST(siphash_gives_the_reference_values)
{
    static const uint64_t expected[] = {
        0x726fdb47dd0e0e31U, 0x74f839c593dc67fdU, 0x0d6c8009d9a94f5aU, 0x85676696d7fb7e2dU,
        0xcf2794e0277187b7U, 0x18765564cd99a68dU, 0xcbc9466e58fee3ceU, 0xab0200f58b01d137U};
    const struct hash_key key = {{0x0706050403020100U, 0x0f0e0d0c0b0a0908U}};
    unsigned char input[15];
    for (size_t i = 0; i < sizeof input; i++) {
        input[i] = (unsigned char)i;
    }
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        ck_assert_uint_eq(hash_siphash(&key, input, i, 2, 4), expected[i]);
    }
    ck_assert_uint_eq(hash_siphash(&key, input, sizeof input, 2, 4), 0xa129ca6149be45e5U);
    const struct hash_key other = hash_key_make();
    ck_assert_uint_ne(hash_bytes(&key, input, 8), hash_bytes(&other, input, 8));
}
END_TEST

/* FNV-1a, a hash without a seed: anyone can choose keys that share a bucket. */
static uint64_t fnv(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    }
    return hash;
}

/* Fills a cache with keys of requests that differ in Accept-Language, and returns the steps of a
 * lookup of each. `chosen`: keys of one bucket of a table with an unseeded hash. */
static size_t steps_of_keys(bool chosen)
{
    enum { ENTRIES = 4096, KEYS = 4090, MAX_BYTES = 10000000, SIZE = 10 };
    static const char start[] = "/v1/states\naccept-language: en;q=0.";
    uint64_t begun = fnv(0xcbf29ce484222325U, start);
    struct lru_cache *cache = lru_open(ENTRIES, MAX_BYTES);
    struct small *value = small_make(SIZE, NULL);
    for (int number = 0; lru_count(cache) < KEYS; number++) {
        char digits[16];
        (void)snprintf(digits, sizeof digits, "%d", number);
        if (!chosen || fnv(begun, digits) % ENTRIES == 0) {
            char key[sizeof start + sizeof digits];
            (void)snprintf(key, sizeof key, "%s%s", start, digits);
            lru_put(cache, key, &value->value, NULL);
        }
    }
    size_t steps = lru_lookup_steps(cache);
    lru_close(cache);
    ref_put(&value->value.ref);
    return steps;
}

START_TEST(chosen_keys_cost_what_other_keys_cost)
{
    ck_assert_uint_le(steps_of_keys(true), 2 * steps_of_keys(false));
}
END_TEST

TCase *cache_case(void)
{
    TCase *cache = tcase_create("cache");
    tcase_add_test(cache, the_least_recently_used_entry_is_evicted_first);
    tcase_add_test(cache, a_burst_of_keys_used_once_evicts_only_itself);
    tcase_add_test(cache, an_older_response_does_not_replace_a_newer_one);
    tcase_add_test(cache, cached_bytes_are_bounded);
    tcase_add_test(cache, the_same_bytes_keep_their_modification_time);
    tcase_add_test(cache, each_coding_of_a_response_has_its_tag_and_its_headers);
    tcase_add_test(cache, a_verbatim_key_is_of_one_request_only);
    tcase_add_test(cache, shared_bytes_count_once);
    tcase_add_test(cache, siphash_gives_the_reference_values);
    tcase_add_test(cache, chosen_keys_cost_what_other_keys_cost);
    return cache;
}
