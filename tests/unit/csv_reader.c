/* The reader of CSV: what RFC 4180 allows, and every fault with its line and cell. */
#include "api/file/csv_reader.h"
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 4096 };

/* All rows as "line:cell|cell;", a fault as "!fault@cell". */
static void read_all(const char *bytes, size_t length, char text[TEXT_SIZE])
{
    struct arena *arena = arena_open();
    struct csv_reader reader;
    struct csv_row row;
    size_t used = 0;
    text[0] = '\0';
    csv_open(&reader, arena, bytes, length);
    while (csv_next(&reader, &row)) {
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%d:", row.line);
        for (int i = 0; i < row.cell_count && i < MAX_CSV_CELLS; i++) {
            used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%s", i > 0 ? "|" : "",
                                     row.cells[i]);
        }
        if (row.fault != CSV_GOOD) {
            used += (size_t)snprintf(text + used, TEXT_SIZE - used, "!%d@%d", (int)row.fault,
                                     row.fault_cell);
        }
        used += (size_t)snprintf(text + used, TEXT_SIZE - used, ";");
    }
    arena_close(arena);
}

START_TEST(rows_are_read_as_rfc_4180_has_them)
{
    static const struct {
        const char *bytes;
        const char *rows;
    } cases[] = {
        {"a,b\r\nc,d\r\n", "1:a|b;2:c|d;"},
        {"a,b\nc,d", "1:a|b;2:c|d;"},
        {"\xEF\xBB\xBF"
         "a,b\n",
         "1:a|b;"},
        {"a\n\r\n\n\nb\n\n", "1:a;5:b;"},
        {"\"a\",\"b\"\n", "1:a|b;"},
        {"\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c;"},
        {"\"a\r\nb\nc\",d\r\ne\n", "1:a\nb\nc|d;4:e;"},
        {",\n\"\",\"\"\n", "1:|;2:|;"},
        {"a,", "1:a|;"},
        {" a , b \n", "1: a | b ;"},
        {"\xC3\xA9\n", "1:\xC3\xA9;"},
        {"", ""},
        {"\n", ""},
        {"\xEF\xBB\xBF", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rows[TEXT_SIZE];
        read_all(cases[i].bytes, strlen(cases[i].bytes), rows);
        ck_assert_str_eq(rows, cases[i].rows);
    }
}
END_TEST

START_TEST(every_fault_has_its_cell_and_reading_goes_on)
{
    static const struct {
        const char *bytes;
        enum csv_fault fault;
        int cell;
        const char *rest; /* the last row that is read */
    } cases[] = {
        {"x,a\"b,c\nd", CSV_QUOTE_IN_CELL, 1, "2:d;"},
        {"x,\"a\"b,c\nd", CSV_TEXT_BEHIND_CELL, 1, "2:d;"},
        {"\"a\" ,c\nd", CSV_TEXT_BEHIND_CELL, 0, "2:d;"},
        {"\"a\"\"b\"c\"\nd", CSV_TEXT_BEHIND_CELL, 0, "2:d;"},
        {"x,y,\"a\nd", CSV_QUOTE_NOT_CLOSED, 2, "1:x|y|a\nd!3@2;"},
        {"a,b\rc,d\ne", CSV_LONE_RETURN, 1, "2:e;"},
        {"a\r", CSV_LONE_RETURN, 0, "1:a\r!4@0;"},
        {"a,\xFF\nb", CSV_NOT_UTF8, 1, "2:b;"},
        {"\xC3,\xA9\nb", CSV_NOT_UTF8, 0, "2:b;"},
        {"a,\"\xED\xA0\x80\"\nb", CSV_NOT_UTF8, 1, "2:b;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rows[TEXT_SIZE];
        char fault[32];
        read_all(cases[i].bytes, strlen(cases[i].bytes), rows);
        (void)snprintf(fault, sizeof fault, "!%d@%d;", (int)cases[i].fault, cases[i].cell);
        ck_assert_msg(strstr(rows, fault) != NULL, "%s: %s", cases[i].bytes, rows);
        ck_assert_msg(strlen(rows) >= strlen(cases[i].rest) &&
                          strcmp(rows + strlen(rows) - strlen(cases[i].rest), cases[i].rest) == 0,
                      "%s: %s", cases[i].bytes, rows);
    }
    char rows[TEXT_SIZE];
    read_all("a,b\0c\nd", 7, rows);
    ck_assert_str_eq(rows, "1:a|b!5@1;2:d;");
}
END_TEST

START_TEST(more_cells_than_are_given_are_counted)
{
    char bytes[1000];
    memset(bytes, ',', sizeof bytes);
    struct arena *arena = arena_open();
    struct csv_reader reader;
    struct csv_row row;
    csv_open(&reader, arena, bytes, sizeof bytes);
    ck_assert(csv_next(&reader, &row));
    ck_assert_int_eq(row.cell_count, 1001);
    ck_assert(!csv_next(&reader, &row));
    arena_close(arena);
}
END_TEST

/* Whatever the bytes are, reading ends, and the sanitizers find nothing. */
START_TEST(bytes_at_random_come_to_an_end)
{
    static const char alphabet[] = ",,\"\"\r\n\n a\xC3\xA9\xFF";
    unsigned state = 144;
    for (int round = 0; round < 20000; round++) {
        char bytes[48];
        size_t length = (size_t)rand_r(&state) % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            /* The NUL at the alphabet's end is one of its letters. */
            bytes[i] = alphabet[(size_t)rand_r(&state) % sizeof alphabet];
        }
        char rows[TEXT_SIZE];
        read_all(bytes, length, rows);
        size_t feeds = 0;
        for (size_t i = 0; i < length; i++) {
            feeds += bytes[i] == '\n';
        }
        size_t ends = 0;
        for (const char *at = strchr(rows, ';'); at != NULL; at = strchr(at + 1, ';')) {
            ends++;
        }
        ck_assert_uint_le(ends, feeds + 1);
    }
}
END_TEST

TCase *csv_case(void)
{
    TCase *csv = tcase_create("csv");
    tcase_add_test(csv, rows_are_read_as_rfc_4180_has_them);
    tcase_add_test(csv, every_fault_has_its_cell_and_reading_goes_on);
    tcase_add_test(csv, more_cells_than_are_given_are_counted);
    tcase_add_test(csv, bytes_at_random_come_to_an_end);
    return csv;
}
