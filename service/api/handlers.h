/* The handlers of the route table and the tables of parameters, fields and media types that only
 * their routes use, by file. A handler fills exchange->response. */
#ifndef ETS144_API_HANDLERS_H
#define ETS144_API_HANDLERS_H

#include "http/message/exchange.h"
#include "http/request/json_body.h"
#include "http/request/parameter.h"

/* read/convention.c */
void convention_show(struct exchange *exchange);

/* read/states.c */
extern const struct parameter states_parameters[];
void states_list(struct exchange *exchange);
void states_show(struct exchange *exchange);
void states_explain(struct exchange *exchange);
void states_outlook(struct exchange *exchange);

/* read/anomalies.c */
extern const struct parameter anomalies_parameters[];
void anomalies_list(struct exchange *exchange);

/* read/statistics.c */
extern const struct parameter series_parameters[];
void statistics_show(struct exchange *exchange);
void statistics_series(struct exchange *exchange);

/* read/chart.c */
extern const char *const chart_media[];
void chart_show(struct exchange *exchange);

/* read/table_metadata.c */
extern const char *const metadata_media[];
void table_metadata_show(struct exchange *exchange);

/* read/catalogue.c */
extern const char *const catalogue_media[];
void dataset_catalogue_show(struct exchange *exchange);

/* read/vocabulary.c */
void vocabulary_show(struct exchange *exchange);

/* read/revisions.c */
extern const struct parameter revisions_parameters[];
void revisions_list(struct exchange *exchange);
void revisions_show(struct exchange *exchange);

/* record/actions.c */
extern const struct parameter actions_parameters[];
extern const struct json_field action_record_fields[];
extern const struct json_field action_correct_fields[];
extern const struct json_field action_operation_fields[];
extern const struct json_field action_import_fields[]; /* of a row of a file */
void actions_list(struct exchange *exchange);
void actions_show(struct exchange *exchange);
void actions_show_versions(struct exchange *exchange);
void actions_record(struct exchange *exchange);
void actions_correct(struct exchange *exchange);
void actions_void(struct exchange *exchange);

/* record/calls.c */
extern const struct json_field call_record_fields[];
extern const struct json_field call_correct_fields[];
extern const struct json_field call_operation_fields[];
void calls_list(struct exchange *exchange);
void calls_show(struct exchange *exchange);
void calls_record(struct exchange *exchange);
void calls_correct(struct exchange *exchange);
void calls_void(struct exchange *exchange);
void calls_progress(struct exchange *exchange);

/* record/changesets.c */
extern const struct parameter changesets_parameters[];
extern const struct json_field changeset_fields[];
extern const struct json_field changeset_revert_fields[];
void changesets_check(struct exchange *exchange);
void changesets_list(struct exchange *exchange);
void changesets_show(struct exchange *exchange);
void changesets_record(struct exchange *exchange);
void changesets_revert(struct exchange *exchange);

/* record/proposals.c */
extern const struct json_field changeset_reject_fields[];
void changesets_approve(struct exchange *exchange);
void changesets_reject(struct exchange *exchange);
void changesets_withdraw(struct exchange *exchange);

/* record/state_record.c */
extern const struct json_field state_record_fields[];
extern const struct json_field state_correct_fields[];
extern const struct json_field state_operation_fields[];
void state_record_show(struct exchange *exchange);
void state_record_show_versions(struct exchange *exchange);
void state_record_create(struct exchange *exchange);
void state_record_correct(struct exchange *exchange);
void state_record_void(struct exchange *exchange);

/* record/memberships.c */
extern const struct parameter memberships_parameters[];
extern const char *const memberships_media[];
extern const struct json_field membership_record_fields[];
extern const struct json_field membership_correct_fields[];
extern const struct json_field membership_operation_fields[];
void memberships_list(struct exchange *exchange);
void memberships_show(struct exchange *exchange);
void memberships_show_versions(struct exchange *exchange);
void memberships_record(struct exchange *exchange);
void memberships_correct(struct exchange *exchange);
void memberships_void(struct exchange *exchange);

/* record/replies.c */
extern const struct parameter replies_parameters[];
extern const struct json_field reply_record_fields[];
extern const struct json_field reply_correct_fields[];
extern const struct json_field reply_operation_fields[];
void replies_list(struct exchange *exchange);
void replies_show(struct exchange *exchange);
void replies_show_versions(struct exchange *exchange);
void replies_record(struct exchange *exchange);
void replies_correct(struct exchange *exchange);
void replies_void(struct exchange *exchange);

/* record/notes.c */
extern const struct parameter notes_parameters[];
extern const struct json_field note_record_fields[];
extern const struct json_field note_correct_fields[];
extern const struct json_field note_operation_fields[];
void notes_list(struct exchange *exchange);
void notes_show(struct exchange *exchange);
void notes_record(struct exchange *exchange);
void notes_correct(struct exchange *exchange);
void notes_void(struct exchange *exchange);

/* record/outlook.c */
extern const struct parameter outlook_parameters[];
extern const struct json_field outlook_record_fields[];
extern const struct json_field outlook_correct_fields[];
extern const struct json_field outlook_operation_fields[];
void outlook_list(struct exchange *exchange);
void outlook_show(struct exchange *exchange);
void outlook_record(struct exchange *exchange);
void outlook_correct(struct exchange *exchange);
void outlook_void(struct exchange *exchange);

/* file/imports.c */
extern const char *const import_file_media[];
void imports_record(struct exchange *exchange);
void imports_show(struct exchange *exchange);

/* file/reconciliations.c */
extern const char *const official_chart_media[];
void reconciliations_compare(struct exchange *exchange);

/* follow/changes.c */
extern const struct parameter changes_parameters[];
void changes_list(struct exchange *exchange);

/* follow/atom_feed.c */
extern const struct parameter feed_parameters[];
extern const char *const feed_media[];
void changes_feed(struct exchange *exchange);

/* follow/calendar.c */
extern const struct parameter calendar_parameters[];
extern const char *const calendar_media[];
void calendar_show(struct exchange *exchange);

/* follow/webhooks.c */
extern const struct parameter webhook_rotate_parameters[];
extern const struct json_field webhook_create_fields[];
extern const struct json_field webhook_change_fields[];
void webhooks_list(struct exchange *exchange);
void webhooks_show(struct exchange *exchange);
void webhooks_create(struct exchange *exchange);
void webhooks_change(struct exchange *exchange);
void webhooks_delete(struct exchange *exchange);
void webhooks_rotate(struct exchange *exchange);

/* follow/webhook_deliveries.c */
extern const struct parameter webhook_deliveries_parameters[];
extern const struct json_field webhook_replay_fields[];
void webhooks_deliveries(struct exchange *exchange);
void webhooks_dead_letters(struct exchange *exchange);
void webhooks_test(struct exchange *exchange);
void webhooks_redeliver(struct exchange *exchange);
void webhooks_replay(struct exchange *exchange);

/* about/entry.c */
extern const char *const entry_media[];
extern const char *const linkset_media[];
extern const char *const security_media[];
extern const char *const signing_key_media[];
void signing_key_show(struct exchange *exchange);
void entry_show(struct exchange *exchange);
void api_catalog_show(struct exchange *exchange);
void security_show(struct exchange *exchange);

/* about/openapi.c */
void openapi_show(struct exchange *exchange);

/* about/docs.c */
extern const char *const docs_media[];
extern const char *const docs_file_media[];
void docs_show(struct exchange *exchange);
void docs_file(struct exchange *exchange);

/* about/token.c */
void token_show(struct exchange *exchange);

/* record/tokens.c */
extern const struct json_field token_create_fields[];
extern const struct parameter token_rotate_parameters[];
void tokens_check(struct exchange *exchange);
void tokens_list(struct exchange *exchange);
void tokens_show(struct exchange *exchange);
void tokens_create(struct exchange *exchange);
void tokens_rotate(struct exchange *exchange);
void tokens_revoke(struct exchange *exchange);

/* about/problem_pages.c */
extern const char *const problem_media[];
void problems_show(struct exchange *exchange);

/* about/metrics_page.c */
extern const char *const metrics_media[];
void metrics_show(struct exchange *exchange);

/* about/health.c */
void health_live(struct exchange *exchange);
void health_ready(struct exchange *exchange);

#endif
