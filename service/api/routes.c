#include "api/routes.h"

#include "api/follow/changes.h"
#include "api/handlers.h"
#include "api/query/parameters.h"
#include "http/request/media_type.h"

/* Without outlook:read a webhook that gets internal changes cannot be seen or changed. */
#define WEBHOOK_SCOPES .scope = "webhooks:write", .reveals = "outlook:read"

const struct route routes[] = {
    {"GET", "/v1/convention", convention_show, .parameters = moment_parameters, .cacheable = true,
     .media = media_type_item_media},
    {"GET", "/v1/states", states_list, .parameters = states_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "states"},
    {"GET", "/v1/states/{code}", states_show, .parameters = moment_and_fields_parameters,
     .cacheable = true, .media = media_type_item_media},
    {"GET", "/v1/states/{code}/explanation", states_explain, .parameters = moment_parameters,
     .cacheable = true},
    {"GET", "/v1/states/{code}/outlook", states_outlook, .parameters = moment_parameters,
     .reveals = "outlook:read", .cacheable = true},
    {"GET", "/v1/actions", actions_list, .parameters = actions_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "actions"},
    {"POST", "/v1/actions", actions_record, .parameters = write_parameters,
     .fields = action_record_fields, .scope = "actions:write"},
    {"GET", "/v1/actions/{reference}", actions_show, .parameters = moment_parameters,
     .cacheable = true, .media = media_type_item_media},
    {"PUT", "/v1/actions/{reference}", actions_correct, .parameters = write_parameters,
     .fields = action_correct_fields, .scope = "actions:write"},
    {"DELETE", "/v1/actions/{reference}", actions_void, .parameters = void_parameters,
     .scope = "actions:write"},
    {"GET", "/v1/actions/{reference}/versions", actions_show_versions,
     .parameters = action_versions_parameters, .cacheable = true},
    {"GET", "/v1/anomalies", anomalies_list, .parameters = moment_and_fields_parameters,
     .cacheable = true},
    {"GET", "/v1/statistics", statistics_show, .parameters = moment_parameters, .cacheable = true,
     .media = media_type_list_media, .file = "statistics"},
    {"GET", "/v1/statistics/series", statistics_series, .parameters = series_parameters,
     .cacheable = true, .media = media_type_list_media, .file = "statistics-series"},
    {"GET", "/v1/calls", calls_list, .parameters = moment_and_fields_parameters, .cacheable = true},
    {"POST", "/v1/calls", calls_record, .parameters = write_parameters,
     .fields = call_record_fields, .scope = "calls:write"},
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
     .fields = outlook_record_fields, .scope = "outlook:write"},
    {"GET", "/v1/outlook/{reference}", outlook_show, .parameters = moment_parameters,
     .reveals = "outlook:read", .cacheable = true},
    {"PUT", "/v1/outlook/{reference}", outlook_correct, .parameters = write_parameters,
     .fields = outlook_correct_fields, .scope = "outlook:write", .reveals = "outlook:read"},
    {"DELETE", "/v1/outlook/{reference}", outlook_void, .parameters = void_parameters,
     .scope = "outlook:write", .reveals = "outlook:read"},
    {"GET", "/v1/catalog", dataset_catalogue_show, .cacheable = true, .media = catalogue_media},
    {"GET", "/v1/changesets", changesets_list, .parameters = changesets_parameters,
     .reveals = "outlook:read"},
    {"POST", "/v1/changesets", changesets_record, .parameters = write_parameters,
     .fields = changeset_fields, .check = changesets_check, .takes_file = true, .scope = ANY_SCOPE,
     .reveals = "outlook:read"},
    {"GET", "/v1/changesets/{reference}", changesets_show, .reveals = "outlook:read"},
    {"POST", "/v1/changesets/{reference}/revert", changesets_revert, .parameters = write_parameters,
     .fields = changeset_revert_fields, .scope = ANY_SCOPE, .reveals = "outlook:read"},
    {"POST", "/v1/imports", imports_record, .parameters = write_parameters,
     .takes = import_file_media, .takes_file = true, .scope = "imports:write"},
    {"GET", "/v1/imports/{reference}", imports_show, .scope = "imports:write"},
    {"POST", "/v1/reconciliations", reconciliations_compare, .parameters = moment_parameters,
     .takes = official_chart_media},
    {"GET", "/v1/revisions", revisions_list, .parameters = revisions_parameters, .cacheable = true},
    {"GET", "/v1/revisions/{number}", revisions_show, .parameters = revisions_parameters,
     .reveals = "outlook:read", .cacheable = true},
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
    {"GET", "/v1/webhooks", webhooks_list, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks", webhooks_create, .fields = webhook_create_fields, WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}", webhooks_show, WEBHOOK_SCOPES},
    {"PATCH", "/v1/webhooks/{id}", webhooks_change, .fields = webhook_change_fields,
     WEBHOOK_SCOPES},
    {"DELETE", "/v1/webhooks/{id}", webhooks_delete, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/rotate-secret", webhooks_rotate,
     .parameters = webhook_rotate_parameters, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/test", webhooks_test, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/replay", webhooks_replay, .fields = webhook_replay_fields,
     WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}/deliveries", webhooks_deliveries,
     .parameters = webhook_deliveries_parameters, WEBHOOK_SCOPES},
    {"POST", "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", webhooks_redeliver,
     .parameters = NULL, WEBHOOK_SCOPES},
    {"GET", "/v1/webhooks/{id}/dead-letters", webhooks_dead_letters,
     .parameters = webhook_deliveries_parameters, WEBHOOK_SCOPES},
    {"GET", "/v1/token", token_show, .scope = ANY_SCOPE},
    {"GET", "/v1/vocabulary", vocabulary_show, .cacheable = true},
    {"GET", "/problems/{name}", problems_show, .media = problem_media},
    {"GET", "/openapi.json", openapi_show, .inline_handler = true},
    {"GET", "/metrics", metrics_show, .media = metrics_media},
    {"GET", "/", entry_show, .inline_handler = true, .media = entry_media},
    {"GET", "/docs", docs_show, .inline_handler = true, .media = docs_media},
    {"GET", "/docs/{file}", docs_file, .inline_handler = true, .media = docs_file_media},
    {"GET", "/.well-known/api-catalog", api_catalog_show, .inline_handler = true,
     .media = linkset_media},
    {"GET", "/.well-known/security.txt", security_show, .inline_handler = true,
     .media = security_media},
    {"GET", "/.well-known/ets144-signing-key.pem", signing_key_show, .inline_handler = true,
     .media = signing_key_media},
    {"GET", "/health/live", health_live, .inline_handler = true},
    {"GET", "/health/ready", health_ready, .inline_handler = true},
    {.method = NULL},
};

/* The scope of a route: `any` for every valid token, `-` for no token. */
static const char *scope_of(const struct route *route)
{
    if (route->scope != NULL) {
        return route->scope[0] != '\0' ? route->scope : "any";
    }
    return route->reveals != NULL ? route->reveals : "-";
}

void routes_print(FILE *output)
{
    for (const struct route *route = routes; route->method != NULL; route++) {
        (void)fprintf(output, "%s %s %s\n", route->method, route->path, scope_of(route));
    }
}
