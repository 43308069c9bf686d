#include "api/routes.h"

#include "api/follow/changes.h"
#include "api/handlers.h"
#include "api/read/vocabulary.h"
#include "http/request/media_type.h"
#include "webhook/url_guard.h"

static const char *const state_sort_keys[] = {
    "code",       "-code",   "name",     "-name",       "status",       "-status", "signature",
    "-signature", "consent", "-consent", "in_force_on", "-in_force_on", NULL};

static const struct parameter moment_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = NULL},
};

static const struct parameter states_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "status", .type = PARAMETER_CHOICES, .choices = vocabulary_statuses},
    {.name = "chapter", .type = PARAMETER_CHOICE, .choices = vocabulary_chapters},
    {.name = "member", .type = PARAMETER_BOOLEAN},
    {.name = "sort", .type = PARAMETER_CHOICE, .choices = state_sort_keys},
    {.name = "fields", .type = PARAMETER_NAMES},
    {.name = NULL},
};

static const struct parameter state_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "fields", .type = PARAMETER_NAMES},
    {.name = NULL},
};

static const struct parameter actions_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "kind", .type = PARAMETER_CHOICES, .choices = vocabulary_kinds},
    {.name = "from", .type = PARAMETER_DATE},
    {.name = "to", .type = PARAMETER_DATE},
    {.name = "verification", .type = PARAMETER_CHOICES, .choices = vocabulary_verifications},
    {.name = "fields", .type = PARAMETER_NAMES},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

static const struct parameter list_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "fields", .type = PARAMETER_NAMES},
    {.name = NULL},
};

static const char *const periods[] = {"year", "month", NULL};

static const struct parameter series_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "by", .type = PARAMETER_CHOICE, .choices = periods},
    {.name = "from", .type = PARAMETER_DATE},
    {.name = "to", .type = PARAMETER_DATE},
    {.name = NULL},
};

static const struct parameter outlook_parameters[] = {
    {.name = "as_of", .type = PARAMETER_DATE, .today = true},
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "stage", .type = PARAMETER_CHOICES, .choices = vocabulary_stages},
    {.name = "fields", .type = PARAMETER_NAMES},
    {.name = NULL},
};

static const char *const chart_media[] = {"application/json", "text/csv", "text/html", NULL};
static const char *const catalogue_media[] = {"application/ld+json", "application/json", NULL};
static const char *const metadata_media[] = {"application/csvm+json", "application/json", NULL};
static const struct parameter changes_parameters[] = {
    {.name = "after", .type = PARAMETER_TEXT},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500, .most_in_lines = 10000},
    {.name = "category", .type = PARAMETER_CHOICES, .choices = vocabulary_changes},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = NULL},
};

static const struct parameter feed_parameters[] = {
    {.name = "before", .type = PARAMETER_TEXT},
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = NULL},
};

static const struct parameter calendar_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = "state", .type = PARAMETER_STATE},
    {.name = NULL},
};

static const char *const feed_media[] = {"application/atom+xml", NULL};
static const char *const calendar_media[] = {"text/calendar", NULL};

/* A page for people first. */
static const char *const problem_media[] = {"text/html", "application/json", NULL};

/* For programs first: people are sent on to the page made for them. */
static const char *const entry_media[] = {"application/json", "text/html", NULL};
static const char *const html_media[] = {"text/html", NULL};
static const char *const asset_media[] = {"text/javascript", "text/css", NULL};
static const char *const linkset_media[] = {"application/linkset+json", NULL};
static const char *const text_media[] = {"text/plain", NULL};

static const struct parameter known_at_parameters[] = {
    {.name = "known_at", .type = PARAMETER_TIME},
    {.name = NULL},
};

static const struct parameter write_parameters[] = {
    {.name = "dry_run", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};

static const struct parameter void_parameters[] = {
    {.name = "reason", .type = PARAMETER_TEXT, .required = true},
    {.name = "dry_run", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};

static const struct json_field territory_fields[] = {
    {.name = "covered", .type = FIELD_TEXTS, .longest = 50},
    {.name = "left_out", .type = FIELD_TEXTS, .longest = 50},
    {.name = NULL},
};

/* The content of a treaty action, as recorded and as corrected. */
#define ACTION_FIELDS                                                                              \
    {.name = "kind", .type = FIELD_TEXT, .longest = 40, .required = true},                         \
        {.name = "date", .type = FIELD_DATE}, {.name = "not_before", .type = FIELD_DATE},          \
        {.name = "not_after", .type = FIELD_DATE}, {.name = "received_on", .type = FIELD_DATE},    \
        {.name = "published_effective_date", .type = FIELD_DATE},                                  \
        {.name = "articles", .type = FIELD_TEXTS, .longest = 20},                                  \
        {.name = "chapters", .type = FIELD_TEXTS, .longest = 3},                                   \
        {.name = "territories", .type = FIELD_OBJECT, .members = territory_fields},                \
        {.name = "refers_to", .type = FIELD_REFERENCE},                                            \
        {.name = "summary_en", .type = FIELD_TEXT, .longest = 2000},                               \
        {.name = "summary_fr", .type = FIELD_TEXT, .longest = 2000},                               \
        {.name = "vehicle_en", .type = FIELD_TEXT, .longest = 500},                                \
        {.name = "vehicle_fr", .type = FIELD_TEXT, .longest = 500},                                \
        {.name = "original_language", .type = FIELD_TEXT, .longest = 35},                          \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

static const struct json_field record_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    ACTION_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

const struct json_field import_fields[] = {
    {.name = "reference", .type = FIELD_REFERENCE},
    {.name = "state", .type = FIELD_STATE, .required = true},
    ACTION_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

static const char *const official_chart_media[] = {"text/csv", "application/json", NULL};
static const char *const import_media[] = {"text/csv", "application/x-ndjson", NULL};

static const struct json_field correct_fields[] = {
    ACTION_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

#define CALL_FIELDS                                                                                \
    {.name = "body", .type = FIELD_TEXT, .longest = 40, .required = true},                         \
        {.name = "date", .type = FIELD_DATE, .required = true},                                    \
        {.name = "title_en", .type = FIELD_TEXT, .longest = 500, .required = true},                \
        {.name = "title_fr", .type = FIELD_TEXT, .longest = 500, .required = true},                \
        {.name = "clause", .type = FIELD_TEXT, .longest = 40},                                     \
        {.name = "asks_for", .type = FIELD_TEXTS, .longest = 2, .required = true},                 \
        {.name = "asks_en", .type = FIELD_TEXT, .longest = 2000, .required = true},                \
        {.name = "asks_fr", .type = FIELD_TEXT, .longest = 2000, .required = true},                \
        {.name = "verification", .type = FIELD_TEXT, .longest = 20, .required = true},             \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

static const struct json_field call_fields[] = {
    {.name = "reference", .type = FIELD_CALL, .longest = 40, .required = true},
    CALL_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

static const struct json_field call_correct_fields[] = {
    CALL_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

#define OUTLOOK_FIELDS                                                                             \
    {.name = "stage", .type = FIELD_TEXT, .longest = 40, .required = true},                        \
        {.name = "date", .type = FIELD_DATE, .required = true},                                    \
        {.name = "next_step_en", .type = FIELD_TEXT, .longest = 2000},                             \
        {.name = "next_step_fr", .type = FIELD_TEXT, .longest = 2000},                             \
        {.name = "note_en", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "note_fr", .type = FIELD_TEXT, .longest = 2000},                                  \
        {.name = "visibility", .type = FIELD_TEXT, .longest = 20, .required = true},               \
    {                                                                                              \
        .name = "sources", .type = FIELD_URLS, .longest = 20                                       \
    }

static const struct json_field outlook_fields[] = {
    {.name = "state", .type = FIELD_STATE, .required = true},
    OUTLOOK_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000},
    {.name = NULL},
};

static const struct json_field outlook_correct_fields[] = {
    OUTLOOK_FIELDS,
    {.name = "reason", .type = FIELD_TEXT, .longest = 1000, .required = true},
    {.name = NULL},
};

/* What a webhook is; a change names what changes of it. */
#define WEBHOOK_FIELDS                                                                             \
    {.name = "description", .type = FIELD_TEXT, .longest = 500},                                   \
        {.name = "categories", .type = FIELD_TEXTS, .longest = 10, .choices = vocabulary_changes}, \
        {.name = "states", .type = FIELD_STATES, .longest = 300},                                  \
        {.name = "internal", .type = FIELD_BOOLEAN},                                               \
    {                                                                                              \
        .name = "enabled", .type = FIELD_BOOLEAN                                                   \
    }

static const struct json_field webhook_fields[] = {
    {.name = "url", .type = FIELD_TEXT, .longest = MAX_WEBHOOK_URL, .required = true},
    WEBHOOK_FIELDS,
    {.name = NULL},
};

static const struct json_field webhook_change_fields[] = {
    {.name = "url", .type = FIELD_TEXT, .longest = MAX_WEBHOOK_URL},
    WEBHOOK_FIELDS,
    {.name = NULL},
};

static const struct json_field replay_fields[] = {
    {.name = "cursor", .type = FIELD_TEXT, .longest = 1024},
    {.name = "after", .type = FIELD_UUID},
    {.name = "since", .type = FIELD_TIME},
    {.name = NULL},
};

static const struct parameter page_parameters[] = {
    {.name = "limit", .type = PARAMETER_NUMBER, .least = 1, .most = 500},
    {.name = "cursor", .type = PARAMETER_TEXT},
    {.name = NULL},
};

static const struct parameter rotate_parameters[] = {
    {.name = "keep_previous", .type = PARAMETER_BOOLEAN},
    {.name = NULL},
};

/* Webhooks that are told what is internal are there for those who may see that. */
#define WEBHOOK_SCOPES .scope = "webhooks:write", .reveals = "outlook:read"

const struct route routes[] = {
    {"GET", "/v1/convention", convention_show, .parameters = moment_parameters, .cacheable = true,
     .media = media_type_item_media},
    {"GET", "/v1/states", states_list, .parameters = states_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "states"},
    {"GET", "/v1/states/{code}", states_show, .parameters = state_parameters, .cacheable = true,
     .media = media_type_item_media},
    {"GET", "/v1/states/{code}/explanation", states_explain, .parameters = moment_parameters,
     .cacheable = true},
    {"GET", "/v1/states/{code}/outlook", states_outlook, .parameters = moment_parameters,
     .reveals = "outlook:read", .cacheable = true},
    {"GET", "/v1/actions", actions_list, .parameters = actions_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "actions"},
    {"POST", "/v1/actions", actions_record, .parameters = write_parameters, .fields = record_fields,
     .scope = "actions:write"},
    {"GET", "/v1/actions/{reference}", actions_show, .parameters = moment_parameters,
     .cacheable = true, .media = media_type_item_media},
    {"PUT", "/v1/actions/{reference}", actions_correct, .parameters = write_parameters,
     .fields = correct_fields, .scope = "actions:write"},
    {"DELETE", "/v1/actions/{reference}", actions_void, .parameters = void_parameters,
     .scope = "actions:write"},
    {"GET", "/v1/actions/{reference}/versions", actions_show_versions,
     .parameters = known_at_parameters, .cacheable = true},
    {"GET", "/v1/anomalies", anomalies_list, .parameters = list_parameters, .cacheable = true},
    {"GET", "/v1/statistics", statistics_show, .parameters = moment_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "statistics"},
    {"GET", "/v1/statistics/series", statistics_series, .parameters = series_parameters,
     .cacheable = true, .media = media_type_list_media, .file = "statistics-series"},
    {"GET", "/v1/calls", calls_list, .parameters = list_parameters, .cacheable = true},
    {"POST", "/v1/calls", calls_record, .parameters = write_parameters, .fields = call_fields,
     .scope = "calls:write"},
    {"GET", "/v1/calls/{reference}", calls_show, .parameters = moment_parameters,
     .cacheable = true},
    {"PUT", "/v1/calls/{reference}", calls_correct, .parameters = write_parameters,
     .fields = call_correct_fields, .scope = "calls:write"},
    {"DELETE", "/v1/calls/{reference}", calls_void, .parameters = void_parameters,
     .scope = "calls:write"},
    {"GET", "/v1/calls/{reference}/progress", calls_progress, .parameters = moment_parameters,
     .cacheable = true},
    {"GET", "/v1/outlook", outlook_list, .parameters = outlook_parameters,
     .reveals = "outlook:read", .cacheable = true},
    {"POST", "/v1/outlook", outlook_record, .parameters = write_parameters,
     .fields = outlook_fields, .scope = "outlook:write"},
    {"GET", "/v1/outlook/{reference}", outlook_show, .parameters = moment_parameters,
     .reveals = "outlook:read", .cacheable = true},
    {"PUT", "/v1/outlook/{reference}", outlook_correct, .parameters = write_parameters,
     .fields = outlook_correct_fields, .scope = "outlook:write", .reveals = "outlook:read"},
    {"DELETE", "/v1/outlook/{reference}", outlook_void, .parameters = void_parameters,
     .scope = "outlook:write", .reveals = "outlook:read"},
    {"GET", "/v1/catalog", dataset_catalogue_show, .parameters = NULL, .cacheable = true,
     .media = catalogue_media},
    {"POST", "/v1/imports", imports_record, .parameters = write_parameters, .takes = import_media,
     .takes_file = true, .scope = "imports:write"},
    {"GET", "/v1/imports/{reference}", imports_show, .parameters = NULL, .cacheable = true},
    {"POST", "/v1/reconciliations", reconciliations_compare, .parameters = moment_parameters,
     .takes = official_chart_media},
    {"GET", "/v1/chart", chart_show, .parameters = moment_parameters, .cacheable = true,
     .media = chart_media, .file = "chart"},
    {"GET", "/v1/chart-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/states-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/actions-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/statistics-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/statistics/series-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/changes", changes_list, .parameters = changes_parameters,
     .seen_revision = changes_seen_revision, .reveals = "outlook:read", .cacheable = true,
     .media = media_type_list_media, .file = "changes"},
    {"GET", "/v1/changes-metadata.json", table_metadata_show, .media = metadata_media},
    {"GET", "/v1/changes.atom", changes_feed, .parameters = feed_parameters, .cacheable = true,
     .media = feed_media},
    {"GET", "/v1/calendar.ics", calendar_show, .parameters = calendar_parameters, .cacheable = true,
     .media = calendar_media},
    {"GET", "/v1/webhooks", webhooks_list, .parameters = NULL, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks", webhooks_create, .parameters = NULL, .fields = webhook_fields,
     WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}", webhooks_show, .parameters = NULL, WEBHOOK_SCOPES},
    {"PATCH", "/v1/webhooks/{id}", webhooks_change, .parameters = NULL,
     .fields = webhook_change_fields, WEBHOOK_SCOPES},
    {"DELETE", "/v1/webhooks/{id}", webhooks_delete, .parameters = NULL, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/rotate-secret", webhooks_rotate, .parameters = rotate_parameters,
     WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/test", webhooks_test, .parameters = NULL, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/replay", webhooks_replay, .parameters = NULL,
     .fields = replay_fields, WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}/deliveries", webhooks_deliveries, .parameters = page_parameters,
     WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", webhooks_redeliver,
     .parameters = NULL, WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}/dead-letters", webhooks_dead_letters, .parameters = page_parameters,
     WEBHOOK_SCOPES},
    {"GET", "/v1/vocabulary", vocabulary_show, .parameters = NULL, .cacheable = true},
    {"GET", "/problems/{name}", problems_show, .parameters = NULL, .media = problem_media},
    {"GET", "/openapi.json", openapi_show, .inline_handler = true},
    {"GET", "/metrics", metrics_show, .parameters = NULL, .media = text_media},
    {"GET", "/", entry_show, .inline_handler = true, .media = entry_media},
    {"GET", "/docs", docs_show, .inline_handler = true, .media = html_media},
    {"GET", "/docs/{file}", docs_file, .inline_handler = true, .media = asset_media},
    {"GET", "/.well-known/api-catalog", api_catalog_show, .inline_handler = true,
     .media = linkset_media},
    {"GET", "/.well-known/security.txt", security_show, .inline_handler = true,
     .media = text_media},
    {"GET", "/health/live", health_live, .inline_handler = true},
    {"GET", "/health/ready", health_ready, .inline_handler = true},
    {.method = NULL},
};

void routes_print(FILE *output)
{
    for (const struct route *route = routes; route->method != NULL; route++) {
        (void)fprintf(output, "%s %s %s\n", route->method, route->path,
                      route->scope != NULL     ? route->scope
                      : route->reveals != NULL ? route->reveals
                                               : "-");
    }
}
