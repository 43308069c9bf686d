#include "api/action_file.h"

#include "api/routes.h"
#include "http/csv_reader.h"
#include "http/field.h"
#include "http/form.h"
#include "http/problem.h"

#include <stdlib.h>
#include <string.h>

enum column_use {
    COLUMN_TEXT,
    COLUMN_LIST, /* entries with a space between them; a no-break space is one of an entry's */
    COLUMN_TERRITORIES, /* a list of +covered and -left out */
    COLUMN_DERIVED,     /* the register's own, passed over */
    COLUMN_VOIDED       /* the same, but what is void is not imported */
};

struct action_column {
    const char *name;
    const char *pointer;
    enum column_use use;
    bool required;
};

static const struct action_column columns[] = {
    {"reference", "/reference", COLUMN_TEXT, false},
    {"state", "/state", COLUMN_TEXT, true},
    {"kind", "/kind", COLUMN_TEXT, true},
    {"kind_name", "", COLUMN_DERIVED, false},
    {"version", "", COLUMN_DERIVED, false},
    {"date", "/date", COLUMN_TEXT, false},
    {"not_before", "/not_before", COLUMN_TEXT, false},
    {"not_after", "/not_after", COLUMN_TEXT, false},
    {"received_on", "/received_on", COLUMN_TEXT, false},
    {"published_effective_date", "/published_effective_date", COLUMN_TEXT, false},
    {"computed_effective_date", "", COLUMN_DERIVED, false},
    {"effective_on", "", COLUMN_DERIVED, false},
    {"effective_by", "", COLUMN_DERIVED, false},
    {"articles", "/articles", COLUMN_LIST, false},
    {"chapters", "/chapters", COLUMN_LIST, false},
    {"territories", "/territories", COLUMN_TERRITORIES, false},
    {"territories_covered", "/territories/covered", COLUMN_LIST, false},
    {"territories_left_out", "/territories/left_out", COLUMN_LIST, false},
    {"refers_to", "/refers_to", COLUMN_TEXT, false},
    {"summary", "", COLUMN_DERIVED, false},
    {"summary_en", "/summary_en", COLUMN_TEXT, false},
    {"summary_fr", "/summary_fr", COLUMN_TEXT, false},
    {"vehicle", "", COLUMN_DERIVED, false},
    {"vehicle_en", "/vehicle_en", COLUMN_TEXT, false},
    {"vehicle_fr", "/vehicle_fr", COLUMN_TEXT, false},
    {"original_language", "/original_language", COLUMN_TEXT, false},
    {"verification", "/verification", COLUMN_TEXT, true},
    {"sources", "/sources", COLUMN_LIST, false},
    {"voided", "", COLUMN_VOIDED, false},
    {"recorded_at", "", COLUMN_DERIVED, false},
    {"recorded_by", "", COLUMN_DERIVED, false},
    {"reason", "/reason", COLUMN_TEXT, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static const enum message csv_faults[] = {
    [CSV_QUOTE_IN_CELL] = MESSAGE_QUOTE_IN_CELL,
    [CSV_TEXT_BEHIND_CELL] = MESSAGE_TEXT_BEHIND_CELL,
    [CSV_QUOTE_NOT_CLOSED] = MESSAGE_QUOTE_NOT_CLOSED,
    [CSV_LONE_RETURN] = MESSAGE_LONE_RETURN,
    [CSV_NUL] = MESSAGE_CELL_WITH_NUL,
    [CSV_NOT_UTF8] = MESSAGE_CELL_NOT_UTF8,
};

/* A file as it is read. */
struct reading {
    struct exchange *exchange;
    long most_rows;
    json_t *rows;
    const struct action_column *header[CSV_CELLS_MOST];
    int header_count;
    size_t faults_before; /* found before the row that is read */
};

static void add_fault(struct reading *reading, enum fault_place place, const char *where,
                      enum message message, const char *first, const char *second)
{
    struct exchange *exchange = reading->exchange;
    fault_add(exchange, place, where, NULL,
              message_fill(exchange->arena, exchange->language, message, first, second, NULL));
}

static const char *number_text(struct reading *reading, long number)
{
    return arena_print(reading->exchange->arena, "%ld", number);
}

static void end_row(struct reading *reading, json_t *document);

/* Whether one more row may be read; what is beyond the limit is not looked at. */
static bool begin_row(struct reading *reading, int line)
{
    reading->exchange->line = line;
    reading->faults_before = reading->exchange->fault_count;
    if (json_array_size(reading->rows) < (size_t)reading->most_rows) {
        return true;
    }
    add_fault(reading, FAULT_COLUMN, NULL, MESSAGE_TOO_MANY_ROWS,
              number_text(reading, reading->most_rows), NULL);
    end_row(reading, json_object());
    return false;
}

/* Takes the document over. If there were faults, the row is without one. */
static void end_row(struct reading *reading, json_t *document)
{
    json_t *row = json_object();
    json_object_set_new(row, "line", json_integer(reading->exchange->line));
    if (reading->exchange->fault_count == reading->faults_before) {
        json_object_set(row, "document", document);
    } else {
        json_t *state = json_object_get(document, "state");
        const char *code = json_string_value(state);
        bool readable = code != NULL && form_is_state_code(code);
        json_object_set(row, "state", readable ? state : json_null());
    }
    json_decref(document);
    json_array_append_new(reading->rows, row);
}

/* CSV ----------------------------------------------------------------------------------------- */

static const struct action_column *find_column(const char *name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            return &columns[i];
        }
    }
    return NULL;
}

static const char *column_names(struct reading *reading)
{
    const char *names = columns[0].name;
    for (int i = 1; i < COLUMN_COUNT; i++) {
        names = arena_print(reading->exchange->arena, "%s, %s", names, columns[i].name);
    }
    return names;
}

static bool has_column(const struct reading *reading, const struct action_column *column)
{
    for (int i = 0; i < reading->header_count; i++) {
        if (reading->header[i] == column) {
            return true;
        }
    }
    return false;
}

static void take_column(struct reading *reading, const char *name)
{
    const struct action_column *column = find_column(name);
    if (column == NULL) {
        add_fault(reading, FAULT_COLUMN, name, MESSAGE_UNKNOWN_COLUMN, name, column_names(reading));
    } else if (has_column(reading, column)) {
        add_fault(reading, FAULT_COLUMN, name, MESSAGE_REPEATED_COLUMN, name, NULL);
    } else {
        reading->header[reading->header_count++] = column;
    }
}

/* A spreadsheet of a country that writes 1,5 saves its cells with semicolons between them. */
static bool has_other_separator(const struct csv_row *row)
{
    return row->cell_count == 1 && strpbrk(row->cells[0], ";\t") != NULL;
}

static void add_csv_fault(struct reading *reading, const struct csv_row *row)
{
    const char *column =
        row->fault_cell < reading->header_count ? reading->header[row->fault_cell]->name : NULL;
    add_fault(reading, FAULT_COLUMN, column, csv_faults[row->fault], NULL, NULL);
}

/* The names of the columns and what they fill, for the faults of the rows. */
static void name_columns(struct reading *reading)
{
    struct file_column *named = arena_allocate(reading->exchange->arena,
                                               ((size_t)reading->header_count + 1) * sizeof *named);
    int count = 0;
    for (int i = 0; i < reading->header_count; i++) {
        const struct action_column *column = reading->header[i];
        if (column->pointer[0] != '\0') {
            named[count++] = (struct file_column){column->name, column->pointer};
        }
    }
    reading->exchange->columns = named;
}

/* False: the columns are not known, so that no row can be read. */
static bool read_header(struct reading *reading, struct csv_reader *csv)
{
    struct csv_row row;
    reading->exchange->line = 1;
    if (!csv_next(csv, &row)) {
        add_fault(reading, FAULT_COLUMN, NULL, MESSAGE_NO_ROWS, NULL, NULL);
        return false;
    }
    reading->exchange->line = row.line;
    if (row.fault != CSV_GOOD) {
        add_csv_fault(reading, &row);
    } else if (has_other_separator(&row)) {
        add_fault(reading, FAULT_COLUMN, NULL, MESSAGE_OTHER_SEPARATOR, NULL, NULL);
    } else if (row.cell_count > CSV_CELLS_MOST) {
        add_fault(reading, FAULT_COLUMN, NULL, MESSAGE_CELLS_MISCOUNTED,
                  number_text(reading, row.cell_count), number_text(reading, COLUMN_COUNT));
    } else {
        for (int i = 0; i < row.cell_count; i++) {
            take_column(reading, row.cells[i]);
        }
        for (int i = 0; i < COLUMN_COUNT; i++) {
            if (columns[i].required && !has_column(reading, &columns[i])) {
                add_fault(reading, FAULT_COLUMN, columns[i].name, MESSAGE_MISSING_COLUMN,
                          columns[i].name, NULL);
            }
        }
    }
    name_columns(reading);
    return !fault_found(reading->exchange);
}

/* The next entry of a list, with its spaces; NULL: there is none. */
static const char *next_entry(struct arena *arena, const char **at)
{
    static const char no_break_space[] = "\xC2\xA0";
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ");
    if (length == 0) {
        return NULL;
    }
    char *entry = arena_copy(arena, *at, length);
    *at += length;
    char *to = entry;
    for (const char *from = entry; *from != '\0';) {
        if (strncmp(from, no_break_space, sizeof no_break_space - 1) == 0) {
            *to++ = ' ';
            from += sizeof no_break_space - 1;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return entry;
}

static json_t *read_list(struct arena *arena, const char *text)
{
    json_t *list = json_array();
    for (const char *entry = next_entry(arena, &text); entry != NULL;
         entry = next_entry(arena, &text)) {
        json_array_append_new(list, json_string(entry));
    }
    return list;
}

/* False: an entry has neither + nor -. */
static bool read_territories(struct arena *arena, json_t *territories, const char *text)
{
    json_t *covered = json_array();
    json_t *left_out = json_array();
    bool good = true;
    for (const char *entry = next_entry(arena, &text); entry != NULL;
         entry = next_entry(arena, &text)) {
        good = good && (entry[0] == '+' || entry[0] == '-');
        json_array_append_new(entry[0] == '+' ? covered : left_out, json_string(entry + 1));
    }
    json_object_set_new(territories, "covered", covered);
    json_object_set_new(territories, "left_out", left_out);
    return good;
}

/* Sets a member; the one level of nesting that a document has is made as it is needed. */
static void set_member(json_t *document, const char *pointer, json_t *value)
{
    const char *inner = strchr(pointer + 1, '/');
    if (inner == NULL) {
        json_object_set_new(document, pointer + 1, value);
        return;
    }
    size_t length = (size_t)(inner - pointer - 1);
    json_t *outer = json_object_getn(document, pointer + 1, length);
    if (outer == NULL) {
        outer = json_object();
        json_object_setn_new(document, pointer + 1, length, outer);
    }
    json_object_set_new(outer, inner + 1, value);
}

/* An exported file has an apostrophe before what a spreadsheet would take for a formula. */
static const char *without_guard(const char *text)
{
    const char *guarded = text + strspn(text, "'");
    bool formula = guarded[0] != '\0' && strchr("=+-@\t\r\n", guarded[0]) != NULL;
    return text[0] == '\'' && formula ? text + 1 : text;
}

/* Sets what the cell says. */
static void read_cell(struct reading *reading, json_t *document, const struct action_column *column,
                      const char *cell)
{
    struct arena *arena = reading->exchange->arena;
    const char *text = without_guard(cell);
    if (text[0] == '\0') {
        return;
    }
    switch (column->use) {
    case COLUMN_LIST:
        set_member(document, column->pointer, read_list(arena, text));
        break;
    case COLUMN_TERRITORIES: {
        json_t *territories = json_object();
        json_object_set_new(document, "territories", territories);
        if (!read_territories(arena, territories, text)) {
            add_fault(reading, FAULT_COLUMN, column->name, MESSAGE_NOT_TERRITORIES, text, NULL);
        }
        break;
    }
    case COLUMN_VOIDED:
        if (strcmp(text, "false") != 0) {
            add_fault(reading, FAULT_COLUMN, column->name, MESSAGE_VOIDED_ROW, NULL, NULL);
        }
        break;
    case COLUMN_DERIVED:
        break;
    case COLUMN_TEXT:
    default:
        set_member(document, column->pointer, json_string(text));
    }
}

static void read_csv_row(struct reading *reading, const struct csv_row *row)
{
    json_t *document = json_object();
    for (int i = 0; i < row->cell_count && i < reading->header_count; i++) {
        if (i != row->fault_cell || row->fault == CSV_GOOD) {
            read_cell(reading, document, reading->header[i], row->cells[i]);
        }
    }
    if (row->fault != CSV_GOOD) {
        add_csv_fault(reading, row);
    } else if (row->cell_count != reading->header_count) {
        add_fault(reading, FAULT_COLUMN, NULL, MESSAGE_CELLS_MISCOUNTED,
                  number_text(reading, row->cell_count),
                  number_text(reading, reading->header_count));
    } else {
        fields_check(reading->exchange, import_fields, document);
    }
    end_row(reading, document);
}

static bool read_csv(struct reading *reading, const char *bytes, size_t length)
{
    struct csv_reader csv;
    csv_open(&csv, reading->exchange->arena, bytes, length);
    if (!read_header(reading, &csv)) {
        return false;
    }
    struct csv_row row;
    while (csv_next(&csv, &row) && begin_row(reading, row.line)) {
        read_csv_row(reading, &row);
    }
    return true;
}

/* NDJSON -------------------------------------------------------------------------------------- */

/* Takes away what the register adds of its own to an action that it shows. */
static void drop_derived(struct reading *reading, json_t *document)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (columns[i].use == COLUMN_VOIDED && json_is_true(json_object_get(document, "voided"))) {
            add_fault(reading, FAULT_POINTER, "/voided", MESSAGE_VOIDED_ROW, NULL, NULL);
        }
        if (columns[i].use == COLUMN_VOIDED || columns[i].use == COLUMN_DERIVED) {
            json_object_del(document, columns[i].name);
        }
    }
    json_object_del(document, "links");
}

static void read_line(struct reading *reading, const char *line, size_t length)
{
    enum { LONGEST_LINE = 65536 };
    json_error_t error;
    json_t *document = NULL;
    if (length > LONGEST_LINE) {
        add_fault(reading, FAULT_POINTER, NULL, MESSAGE_LINE_TOO_LONG,
                  number_text(reading, LONGEST_LINE), NULL);
    } else if ((document = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error)) == NULL) {
        add_fault(reading, FAULT_POINTER, NULL, MESSAGE_LINE_NOT_JSON,
                  number_text(reading, error.column), error.text);
    } else {
        drop_derived(reading, document);
        fields_check(reading->exchange, import_fields, document);
    }
    end_row(reading, document != NULL ? document : json_object());
}

static void read_ndjson(struct reading *reading, const char *bytes, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *end = bytes + length;
    if (length >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0) {
        bytes += sizeof mark - 1;
    }
    for (int line = 1; bytes < end; line++) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = feed != NULL ? feed : end;
        /* The carriage return of CRLF is white space to JSON. */
        const char *at = bytes;
        while (at < stop && (*at == ' ' || *at == '\t' || *at == '\r')) {
            at++;
        }
        if (at < stop) {
            if (!begin_row(reading, line)) {
                return;
            }
            read_line(reading, bytes, (size_t)(stop - bytes));
        }
        bytes = stop + (feed != NULL);
    }
}

json_t *action_file_read(struct exchange *exchange, enum action_file_form form, const char *bytes,
                         size_t length, long most_rows)
{
    struct reading reading = {.exchange = exchange, .most_rows = most_rows, .rows = json_array()};
    bool readable = true;
    if (form == ACTION_FILE_CSV) {
        readable = read_csv(&reading, bytes, length);
    } else {
        read_ndjson(&reading, bytes, length);
    }
    if (readable && json_array_size(reading.rows) == 0) {
        exchange->line = 1;
        add_fault(&reading, FAULT_COLUMN, NULL, MESSAGE_NO_ROWS, NULL, NULL);
        readable = false;
    }
    exchange->line = 0;
    if (!readable) {
        json_decref(reading.rows);
        return NULL;
    }
    return reading.rows;
}
