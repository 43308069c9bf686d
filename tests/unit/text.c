#include "base/text.h"

#include "cases.h"

START_TEST(letters_of_ascii_change_their_case_and_no_others)
{
    struct arena *arena = arena_open();
    ck_assert_str_eq(text_upper(arena, "cg-Rec-304 é@[`{"), "CG-REC-304 é@[`{");
    ck_assert_str_eq(text_lower(arena, "CG-Rec-304 É@[`{"), "cg-rec-304 É@[`{");
    ck_assert_str_eq(text_lower(arena, ""), "");
    arena_close(arena);
}
END_TEST

START_TEST(every_occurrence_is_replaced)
{
    static const struct {
        const char *text;
        const char *from;
        const char *to;
        const char *replaced;
    } cases[] = {
        {"signature.not_before", ".", "_", "signature_not_before"},
        {"..", ".", "", ""},
        {"a b ", " ", "\xC2\xA0",
         "a\xC2\xA0"
         "b\xC2\xA0"},
        {"aaa", "aa", "b", "ba"},
        {"a", "aa", "b", "a"},
        {"", "a", "b", ""},
        {"a", "a", "aa", "aa"},
    };
    struct arena *arena = arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_str_eq(text_replace(arena, cases[i].text, cases[i].from, cases[i].to),
                         cases[i].replaced);
    }
    arena_close(arena);
}
END_TEST

START_TEST(a_text_is_one_of_a_set_of_words)
{
    static const char *const words[] = {"party", "signatory", NULL};
    ck_assert(text_is_one_of(words, "party", 5));
    ck_assert(text_is_one_of(words, "signatory,party", 9));
    ck_assert(!text_is_one_of(words, "part", 4));
    ck_assert(!text_is_one_of(words, "", 0));
    struct arena *arena = arena_open();
    ck_assert_str_eq(text_join(arena, words), "party, signatory");
    arena_close(arena);
}
END_TEST

TCase *text_case(void)
{
    TCase *text = tcase_create("text");
    tcase_add_test(text, letters_of_ascii_change_their_case_and_no_others);
    tcase_add_test(text, every_occurrence_is_replaced);
    tcase_add_test(text, a_text_is_one_of_a_set_of_words);
    return text;
}
