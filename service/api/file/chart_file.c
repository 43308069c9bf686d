#include "api/file/chart_file.h"

#include "api/file/row_file.h"
#include "base/syntax.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum column_use {
    CHART_TEXT,
    CHART_DAY,
    CHART_MARK,   /* set if it is not empty or false */
    CHART_IGNORED /* named in the response */
};

/* The columns of the Treaty Office in English and French, the members of its JSON rows, and the
 * columns of GET /v1/chart. */
static const struct row_column columns[] = {
    {"State", "/name", CHART_TEXT, true},
    {"States", "/name", CHART_TEXT, false},
    {"État", "/name", CHART_TEXT, false},
    {"États", "/name", CHART_TEXT, false},
    {"Etat", "/name", CHART_TEXT, false},
    {"Etats", "/name", CHART_TEXT, false},
    {"LibPaysOrga", "/name", CHART_TEXT, false},
    {"name", "/other_name", CHART_TEXT, false},
    {"CodePays", "/code", CHART_TEXT, false},
    {"Signature", "/signature/date", CHART_DAY, true},
    {"DateSignature", "/signature/date", CHART_DAY, false},
    {"signature_date", "/signature/date", CHART_DAY, false},
    {"signature_not_before", "/signature/not_before", CHART_DAY, false},
    {"signature_not_after", "/signature/not_after", CHART_DAY, false},
    {"signature_action", "/signature/action", CHART_TEXT, false},
    {"Ratification", "/consent/date", CHART_DAY, true},
    {"DateConsentement", "/consent/date", CHART_DAY, false},
    {"ratification_date", "/consent/date", CHART_DAY, false},
    {"ratification_not_before", "/consent/not_before", CHART_DAY, false},
    {"ratification_not_after", "/consent/not_after", CHART_DAY, false},
    {"ratification_action", "/consent/action", CHART_TEXT, false},
    {"Entry into force", "/entry_into_force", CHART_DAY, true},
    {"Entrée en vigueur", "/entry_into_force", CHART_DAY, false},
    {"DateEntreeVigueur", "/entry_into_force", CHART_DAY, false},
    {"entry_into_force", "/entry_into_force", CHART_DAY, false},
    {"R.", "/letters/R", CHART_MARK, false},
    {"reservations", "/letters/R", CHART_MARK, false},
    {"D.", "/letters/D", CHART_MARK, false},
    {"declarations", "/letters/D", CHART_MARK, false},
    {"A.", "/letters/A", CHART_MARK, false},
    {"authorities", "/letters/A", CHART_MARK, false},
    {"T.", "/letters/T", CHART_MARK, false},
    {"territorial_application", "/letters/T", CHART_MARK, false},
    {"C.", "/letters/C", CHART_MARK, false},
    {"communications", "/letters/C", CHART_MARK, false},
    {"O.", "/letters/O", CHART_MARK, false},
    {"objections", "/letters/O", CHART_MARK, false},
    {"Notes", "", CHART_IGNORED, false},
    {"Renvois", "", CHART_IGNORED, false},
    {"member", "", CHART_IGNORED, false},
    {"signature_verification", "", CHART_IGNORED, false},
    {"ratification_kind", "", CHART_IGNORED, false},
    {"ratification_verification", "", CHART_IGNORED, false},
    {"totals_ratifications_or_accessions", "", CHART_IGNORED, false},
    {"totals_signatures_not_followed_by_ratifications", "", CHART_IGNORED, false},
    {.name = NULL},
};

static const struct row_column *find_column(const char *name)
{
    for (const struct row_column *column = columns; column->name != NULL; column++) {
        if (strcmp(column->name, name) == 0) {
            return column;
        }
    }
    return NULL;
}

/* Reads D/M/YYYY, with one or two digits for day and month, into YYYY-MM-DD. */
static bool read_day_first(const char *text, char day[11])
{
    int numbers[2] = {0};
    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits < 1 || digits > 2 || text[digits] != '/') {
            return false;
        }
        for (size_t j = 0; j < digits; j++) {
            numbers[i] = numbers[i] * 10 + (text[j] - '0');
        }
        text += digits + 1;
    }
    if (strspn(text, "0123456789") != 4 || text[4] != '\0') {
        return false;
    }
    (void)snprintf(day, 11, "%s-%02d-%02d", text, numbers[1], numbers[0]);
    return syntax_is_date(day);
}

/* The date as YYYY-MM-DD, also from YYYY-MM-DDT00:00:00, as programs write it; NULL: not a date. */
static const char *read_day(struct arena *arena, const char *text)
{
    enum { DAY_LENGTH = 10 };
    char *day = arena_allocate(arena, DAY_LENGTH + 1);
    if (read_day_first(text, day)) {
        return day;
    }
    size_t length = strlen(text);
    memcpy(day, text, length < DAY_LENGTH ? length : DAY_LENGTH);
    bool midnight = length > DAY_LENGTH && strcmp(text + DAY_LENGTH, "T00:00:00") == 0;
    return syntax_is_date(day) && (length == DAY_LENGTH || midnight) ? day : NULL;
}

/* The letters that the Treaty Office sets behind a date: accession, signature without reservation
 * as to ratification, succession, signature ad referendum. */
static const char *const letters[] = {"a", "s", "su", "r", NULL};

static bool is_letter(const char *text)
{
    size_t i = 0;
    while (letters[i] != NULL && strcmp(letters[i], text) != 0) {
        i++;
    }
    return letters[i] != NULL;
}

/* Sets the date, and the letter behind it as a member beside the date. */
static void take_day(struct row_file *file, json_t *document, const struct row_column *column,
                     enum fault_place place, const char *where, const char *text)
{
    struct arena *arena = file->exchange->arena;
    size_t length = strcspn(text, " ");
    const char *letter = text + length + strspn(text + length, " ");
    const char *day = read_day(arena, arena_copy(arena, text, length));
    const char *date = strstr(column->pointer, "/date");
    if (day == NULL || (letter[0] != '\0' && (date == NULL || !is_letter(letter)))) {
        row_file_fault(file, place, where, MESSAGE_NOT_A_CHART_DAY, text, NULL);
        return;
    }
    row_file_set(document, column->pointer, json_string(day));
    if (letter[0] != '\0') {
        int outer = (int)(date - column->pointer);
        row_file_set(document, arena_print(arena, "%.*s/letter", outer, column->pointer),
                     json_string(letter));
    }
}

static void set_text(struct row_file *file, json_t *document, const struct row_column *column,
                     enum fault_place place, const char *where, const char *text)
{
    enum { MAX_CHARACTERS = 200 };
    if (syntax_count_characters(text) > MAX_CHARACTERS) {
        row_file_fault(file, place, where, MESSAGE_TOO_LONG,
                       arena_print(file->exchange->arena, "%d", MAX_CHARACTERS), NULL);
    } else {
        row_file_set(document, column->pointer, json_string(text));
    }
}

/* The text without the blanks around it; a hyphen or a dash alone means an empty cell. */
static const char *trim(struct arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        length--;
    }
    const char *trimmed = arena_copy(arena, text, length);
    return strcmp(trimmed, "-") == 0 || strcmp(trimmed, "–") == 0 ? "" : trimmed;
}

static void take_value(struct row_file *file, json_t *document, const struct row_column *column,
                       enum fault_place place, const char *where, const char *value)
{
    const char *text = trim(file->exchange->arena, value);
    bool is_mark = column->use == CHART_MARK;
    if (is_mark) {
        bool set = text[0] != '\0' && strcasecmp(text, "false") != 0;
        row_file_set(document, column->pointer, json_boolean(set));
    } else if (text[0] != '\0' && column->use == CHART_DAY) {
        take_day(file, document, column, place, where, text);
    } else if (text[0] != '\0' && column->use == CHART_TEXT) {
        set_text(file, document, column, place, where, text);
    }
}

static void read_cell(struct row_file *file, json_t *document, const struct row_column *column,
                      const char *cell)
{
    take_value(file, document, column, FAULT_COLUMN, column->name, cell);
}

static bool names_a_state(const json_t *document)
{
    return json_object_get(document, "code") != NULL || json_object_get(document, "name") != NULL;
}

/* Adds the row, and takes the document over. In our own layout `state` is the code and `name` the
 * name; in the Treaty Office's the column of the State is the name. */
static void end_row(struct row_file *file, json_t *document)
{
    json_t *other_name = json_object_get(document, "other_name");
    if (other_name != NULL) {
        json_object_set(document, "code", json_object_get(document, "name"));
        json_object_set(document, "name", other_name);
        json_object_del(document, "other_name");
    }
    json_object_set_new(document, "line", json_integer(file->exchange->line));
    json_array_append_new(file->rows, document);
}

static void note_ignored(json_t *ignored, const char *name)
{
    enum { MAX_IGNORED = 100 };
    size_t index = 0;
    const json_t *noted = NULL;
    json_array_foreach(ignored, index, noted) {
        if (strcmp(json_string_value(noted), name) == 0) {
            return;
        }
    }
    if (json_array_size(ignored) < MAX_IGNORED) {
        json_array_append_new(ignored, json_string(name));
    }
}

/* A spreadsheet may write rows of empty cells after the last row. */
static bool is_blank(const struct csv_row *row)
{
    for (int i = 0; i < row->cell_count && i < MAX_CSV_CELLS; i++) {
        if (row->cells[i][0] != '\0') {
            return false;
        }
    }
    return row->fault == CSV_GOOD;
}

static bool read_csv(struct row_file *file, const char *bytes, size_t length, json_t *ignored)
{
    struct csv_reader csv;
    csv_open(&csv, file->exchange->arena, bytes, length);
    if (!row_file_header(file, &csv)) {
        return false;
    }
    for (int i = 0; i < file->header_count; i++) {
        if (file->header[i]->use == CHART_IGNORED) {
            note_ignored(ignored, file->header[i]->name);
        }
    }
    struct csv_row row;
    while (csv_next(&csv, &row)) {
        if (is_blank(&row)) {
            continue;
        }
        if (!row_file_begin(file, row.line)) {
            break;
        }
        json_t *document = json_object();
        row_file_cells(file, &row, document, read_cell);
        if (row_file_is_good(file) && !names_a_state(document)) {
            row_file_fault(file, FAULT_COLUMN, "State", MESSAGE_REQUIRED_FIELD, "State", NULL);
        }
        end_row(file, document);
    }
    return true;
}

/* Reads a member of a row of the Treaty Office, or notes that it is ignored. */
static void read_member(struct row_file *file, json_t *document, const char *name,
                        const json_t *value, json_t *ignored)
{
    const struct row_column *column = find_column(name);
    const char *where = arena_print(file->exchange->arena, "/%s", name);
    if (column == NULL || column->use == CHART_IGNORED || column->use == CHART_MARK) {
        note_ignored(ignored, name);
    } else if (json_is_string(value)) {
        take_value(file, document, column, FAULT_POINTER, where, json_string_value(value));
    } else if (!json_is_null(value)) {
        row_file_fault(file, FAULT_POINTER, where, MESSAGE_WRONG_TYPE,
                       message_text(file->exchange->language, MESSAGE_A_TEXT), NULL);
    }
}

/* A missing member is a fault: it would otherwise be read as "has not signed". */
static void demand_members(struct row_file *file, const json_t *item, const json_t *document)
{
    static const char *const names[] = {"DateSignature", "DateConsentement", "DateEntreeVigueur"};
    if (!names_a_state(document)) {
        row_file_fault(file, FAULT_POINTER, "/CodePays", MESSAGE_REQUIRED_FIELD, "CodePays", NULL);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (json_object_get(item, names[i]) == NULL) {
            row_file_fault(file, FAULT_POINTER, arena_print(file->exchange->arena, "/%s", names[i]),
                           MESSAGE_REQUIRED_FIELD, names[i], NULL);
        }
    }
}

static bool read_item(struct row_file *file, json_t *item, json_t *ignored)
{
    if (!row_file_begin(file, (int)json_array_size(file->rows) + 1)) {
        return false;
    }
    json_t *document = json_object();
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(item, name, value) {
        read_member(file, document, name, value, ignored);
    }
    if (!json_is_object(item)) {
        row_file_fault(file, FAULT_POINTER, NULL, MESSAGE_WRONG_TYPE,
                       message_text(file->exchange->language, MESSAGE_AN_OBJECT), NULL);
    } else {
        demand_members(file, item, document);
    }
    end_row(file, document);
    return true;
}

/* False: one row too many. */
static bool read_items(struct row_file *file, json_t *items, json_t *ignored)
{
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach(items, index, item) {
        if (!read_item(file, item, ignored)) {
            return false;
        }
    }
    return true;
}

/* Rows, or lists of rows: the Treaty Office groups them into members, others and organisations. */
static void read_groups(struct row_file *file, json_t *items, json_t *ignored)
{
    if (!json_is_array(json_array_get(items, 0))) {
        (void)read_items(file, items, ignored);
        return;
    }
    size_t index = 0;
    json_t *group = NULL;
    json_array_foreach(items, index, group) {
        if (!read_items(file, group, ignored)) {
            return;
        }
    }
}

static bool read_json(struct row_file *file, const char *bytes, size_t length, json_t *ignored)
{
    struct arena *arena = file->exchange->arena;
    json_error_t error;
    json_t *items = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_array(items)) {
        file->exchange->line = items == NULL && error.line > 0 ? error.line : 1;
        row_file_fault(file, FAULT_POINTER, NULL, MESSAGE_CHART_NOT_JSON,
                       arena_print(arena, "%d", items == NULL ? error.column : 1),
                       items == NULL ? error.text : "");
        json_decref(items);
        return false;
    }
    read_groups(file, items, ignored);
    json_decref(items);
    return true;
}

json_t *chart_file_read(struct exchange *exchange, enum chart_file_form format, const char *bytes,
                        size_t length, json_t *ignored)
{
    struct row_file file = {
        .exchange = exchange, .columns = columns, .max_rows = MAX_CHART_ROWS, .rows = json_array()};
    bool readable = format == CHART_FILE_CSV ? read_csv(&file, bytes, length, ignored)
                                             : read_json(&file, bytes, length, ignored);
    return row_file_end(&file, readable);
}
