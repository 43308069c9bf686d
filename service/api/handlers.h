/* The handlers of the route table, by file. Each answers one exchange. */
#ifndef ETS144_API_HANDLERS_H
#define ETS144_API_HANDLERS_H

#include "http/message/exchange.h"

void convention_show(struct exchange *exchange); /* convention.c */
void states_list(struct exchange *exchange);     /* states.c */
void states_show(struct exchange *exchange);
void states_explain(struct exchange *exchange);
void states_outlook(struct exchange *exchange);
void actions_list(struct exchange *exchange); /* actions.c */
void actions_show(struct exchange *exchange);
void actions_show_versions(struct exchange *exchange);
void actions_record(struct exchange *exchange);
void actions_correct(struct exchange *exchange);
void actions_void(struct exchange *exchange);
void statistics_show(struct exchange *exchange); /* statistics.c */
void statistics_series(struct exchange *exchange);
void calls_list(struct exchange *exchange); /* calls.c */
void calls_show(struct exchange *exchange);
void calls_record(struct exchange *exchange);
void calls_correct(struct exchange *exchange);
void calls_void(struct exchange *exchange);
void calls_progress(struct exchange *exchange);
void outlook_list(struct exchange *exchange); /* outlook.c */
void outlook_show(struct exchange *exchange);
void outlook_record(struct exchange *exchange);
void outlook_correct(struct exchange *exchange);
void outlook_void(struct exchange *exchange);
void dataset_catalogue_show(struct exchange *exchange); /* catalogue.c */
void imports_record(struct exchange *exchange);         /* imports.c */
void imports_show(struct exchange *exchange);
void reconciliations_compare(struct exchange *exchange); /* reconciliations.c */
void table_metadata_show(struct exchange *exchange);     /* metadata.c */
void chart_show(struct exchange *exchange);              /* chart.c */
void changes_list(struct exchange *exchange);            /* changes.c */
void changes_feed(struct exchange *exchange);            /* feed.c */
void calendar_show(struct exchange *exchange);           /* calendar.c */
void webhooks_list(struct exchange *exchange);           /* webhooks.c */
void webhooks_show(struct exchange *exchange);
void webhooks_create(struct exchange *exchange);
void webhooks_change(struct exchange *exchange);
void webhooks_delete(struct exchange *exchange);
void webhooks_rotate(struct exchange *exchange);
void webhooks_deliveries(struct exchange *exchange); /* webhook_deliveries.c */
void webhooks_dead_letters(struct exchange *exchange);
void webhooks_test(struct exchange *exchange);
void webhooks_redeliver(struct exchange *exchange);
void webhooks_replay(struct exchange *exchange);
void vocabulary_show(struct exchange *exchange); /* vocabulary.c */
void anomalies_list(struct exchange *exchange);  /* anomalies.c */
void problems_show(struct exchange *exchange);   /* problems.c */
void health_live(struct exchange *exchange);     /* health.c */
void health_ready(struct exchange *exchange);
void openapi_show(struct exchange *exchange); /* openapi.c */
void docs_show(struct exchange *exchange);    /* docs.c */
void docs_file(struct exchange *exchange);
void entry_show(struct exchange *exchange); /* discovery.c */
void api_catalog_show(struct exchange *exchange);
void security_show(struct exchange *exchange);
void metrics_show(struct exchange *exchange); /* metrics.c */

#endif
