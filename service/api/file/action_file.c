#include "api/file/action_file.h"

#include "api/file/row_file.h"
#include "api/format/table.h"
#include "api/handlers.h"
#include "base/syntax.h"
#include "base/text.h"
#include "http/request/json_body.h"

#include <string.h>

enum column_use {
    ACTION_TEXT,
    ACTION_LIST,        /* entries separated by spaces; TABLE_ENTRY_SPACE is a space in an entry */
    ACTION_TERRITORIES, /* a list of +covered and -left out */
    ACTION_DERIVED,     /* ignored: the register derives it */
    ACTION_VOIDED       /* the same, but a voided action is a fault */
};

/* Columns that an export does not have. */
static const struct row_column more_columns[] = {
    {"territories", "/territories", ACTION_TERRITORIES, false},
    {"reason", "/reason", ACTION_TEXT, false},
};
enum { MORE_COLUMNS = sizeof more_columns / sizeof more_columns[0] };

static bool is_required(const char *name)
{
    for (const struct json_field *field = action_import_fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field->required;
        }
    }
    return false;
}

static enum column_use use_of(const struct column *column)
{
    if (strcmp(column->member, "voided") == 0) {
        return ACTION_VOIDED;
    }
    if (!column->importable && strcmp(column->member, "reference") != 0) {
        return ACTION_DERIVED;
    }
    return column->list ? ACTION_LIST : ACTION_TEXT;
}

/* The columns of an export, then more_columns. */
static const struct row_column *columns_of(struct arena *arena, const struct table *table)
{
    size_t count = 0;
    while (table->columns[count].member != NULL) {
        count++;
    }
    struct row_column *columns =
        arena_allocate(arena, (count + MORE_COLUMNS + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &table->columns[i];
        enum column_use use = use_of(column);
        const char *pointer =
            arena_print(arena, "/%s", text_replace(arena, column->member, ".", "/"));
        columns[i] = (struct row_column){
            .name = table_column_name(arena, column),
            .pointer = use == ACTION_DERIVED || use == ACTION_VOIDED ? "" : pointer,
            .use = use,
            .required = is_required(column->member)};
    }
    memcpy(columns + count, more_columns, sizeof more_columns);
    return columns;
}

/* Adds the row, and takes the document over; a row with faults is added without it. */
static void end_row(struct row_file *file, json_t *document)
{
    json_t *row = json_object();
    json_object_set_new(row, "line", json_integer(file->exchange->line));
    if (row_file_is_good(file)) {
        json_object_set(row, "document", document);
    } else {
        json_t *state = json_object_get(document, "state");
        const char *code = json_string_value(state);
        bool readable = code != NULL && syntax_is_state_code(code);
        json_object_set(row, "state", readable ? state : json_null());
    }
    json_decref(document);
    json_array_append_new(file->rows, row);
}

/* False: one row too many, which is added as an unreadable one. */
static bool begin_row(struct row_file *file, int line)
{
    if (row_file_begin(file, line)) {
        return true;
    }
    end_row(file, json_object());
    return false;
}

/* CSV ----------------------------------------------------------------------------------------- */

/* The entries of a cell. A cell may have millions: those beyond the first are left out, since no
 * list of action_import_fields takes so many. */
enum { MAX_ENTRIES = 200 };
struct entries {
    const char *at;
    int count;
};

/* The next entry of a list, with its spaces; NULL: the list ends. */
static const char *next_entry(struct arena *arena, struct entries *entries)
{
    const char *at = entries->at + strspn(entries->at, " ");
    size_t length = strcspn(at, " ");
    if (length == 0 || entries->count++ == MAX_ENTRIES) {
        return NULL;
    }
    entries->at = at + length;
    const char *entry = arena_copy(arena, at, length);
    bool replace = strstr(entry, TABLE_ENTRY_SPACE) != NULL;
    return replace ? text_replace(arena, entry, TABLE_ENTRY_SPACE, " ") : entry;
}

static json_t *read_list(struct arena *arena, const char *text)
{
    struct entries entries = {.at = text};
    json_t *list = json_array();
    for (const char *entry = next_entry(arena, &entries); entry != NULL;
         entry = next_entry(arena, &entries)) {
        json_array_append_new(list, json_string(entry));
    }
    return list;
}

/* False: an entry begins with neither + nor -. */
static bool read_territories(struct arena *arena, json_t *territories, const char *text)
{
    json_t *covered = json_array();
    json_t *left_out = json_array();
    struct entries entries = {.at = text};
    bool good = true;
    for (const char *entry = next_entry(arena, &entries); entry != NULL;
         entry = next_entry(arena, &entries)) {
        good = good && (entry[0] == '+' || entry[0] == '-');
        json_array_append_new(entry[0] == '+' ? covered : left_out, json_string(entry + 1));
    }
    json_object_set_new(territories, "covered", covered);
    json_object_set_new(territories, "left_out", left_out);
    return good;
}

static void read_cell(struct row_file *file, json_t *document, const struct row_column *column,
                      const char *cell)
{
    struct arena *arena = file->exchange->arena;
    const char *text = csv_without_guard(cell);
    if (text[0] == '\0') {
        return;
    }
    switch ((enum column_use)column->use) {
    case ACTION_LIST:
        row_file_set(document, column->pointer, read_list(arena, text));
        break;
    case ACTION_TERRITORIES: {
        json_t *territories = json_object();
        json_object_set_new(document, "territories", territories);
        if (!read_territories(arena, territories, text)) {
            row_file_fault(file, FAULT_COLUMN, column->name, MESSAGE_NOT_TERRITORIES, text, NULL);
        }
        break;
    }
    case ACTION_VOIDED:
        if (strcmp(text, "false") != 0) {
            row_file_fault(file, FAULT_COLUMN, column->name, MESSAGE_VOIDED_ROW, NULL, NULL);
        }
        break;
    case ACTION_DERIVED:
        break;
    case ACTION_TEXT:
    default:
        row_file_set(document, column->pointer, json_string(text));
    }
}

static bool read_csv(struct row_file *file, const char *bytes, size_t length)
{
    struct csv_reader csv;
    csv_open(&csv, file->exchange->arena, bytes, length);
    if (!row_file_header(file, &csv)) {
        return false;
    }
    struct csv_row row;
    while (csv_next(&csv, &row) && begin_row(file, row.line)) {
        json_t *document = json_object();
        row_file_cells(file, &row, document, read_cell);
        if (row.fault == CSV_GOOD && row.cell_count == file->header_count) {
            json_body_check(file->exchange, "", action_import_fields, document);
        }
        end_row(file, document);
    }
    return true;
}

/* NDJSON -------------------------------------------------------------------------------------- */

/* Removes the derived members of an exported action. */
static void drop_derived(struct row_file *file, json_t *document)
{
    for (const struct row_column *column = file->columns; column->name != NULL; column++) {
        if (column->use == ACTION_VOIDED && json_is_true(json_object_get(document, "voided"))) {
            row_file_fault(file, FAULT_POINTER, "/voided", MESSAGE_VOIDED_ROW, NULL, NULL);
        }
        if (column->use == ACTION_VOIDED || column->use == ACTION_DERIVED) {
            json_object_del(document, column->name);
        }
    }
    json_object_del(document, "links");
}

static void read_line(struct row_file *file, const char *line, size_t length)
{
    enum { MAX_LINE = 65536 };
    struct arena *arena = file->exchange->arena;
    json_error_t error;
    json_t *document = NULL;
    if (length > MAX_LINE) {
        row_file_fault(file, FAULT_POINTER, NULL, MESSAGE_LINE_TOO_LONG,
                       arena_print(arena, "%d", MAX_LINE), NULL);
    } else if ((document = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error)) == NULL) {
        row_file_fault(file, FAULT_POINTER, NULL, MESSAGE_LINE_NOT_JSON,
                       arena_print(arena, "%d", error.column), error.text);
    } else {
        drop_derived(file, document);
        json_body_check(file->exchange, "", action_import_fields, document);
    }
    end_row(file, document != NULL ? document : json_object());
}

static void read_ndjson(struct row_file *file, const char *bytes, size_t length)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    const char *end = bytes + length;
    if (length >= sizeof byte_order_mark - 1 &&
        memcmp(bytes, byte_order_mark, sizeof byte_order_mark - 1) == 0) {
        bytes += sizeof byte_order_mark - 1;
    }
    for (int line = 1; bytes < end; line++) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = feed != NULL ? feed : end;
        /* JSON takes the carriage return of CRLF for white space. */
        const char *at = bytes;
        while (at < stop && (*at == ' ' || *at == '\t' || *at == '\r')) {
            at++;
        }
        if (at < stop) {
            if (!begin_row(file, line)) {
                return;
            }
            read_line(file, bytes, (size_t)(stop - bytes));
        }
        bytes = stop + (feed != NULL);
    }
}

json_t *action_file_read(struct exchange *exchange, enum action_file_form format, const char *bytes,
                         size_t length, long max_rows)
{
    struct row_file file = {.exchange = exchange,
                            .columns = columns_of(exchange->arena, &actions_table),
                            .max_rows = max_rows,
                            .rows = json_array()};
    bool readable = true;
    if (format == ACTION_FILE_CSV) {
        readable = read_csv(&file, bytes, length);
    } else {
        read_ndjson(&file, bytes, length);
    }
    return row_file_end(&file, readable);
}
