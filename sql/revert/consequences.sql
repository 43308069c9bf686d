begin;

drop function register.anomaly_changes;
drop function register.effective_date_changes;
drop function register.row_changes;
drop function register.status_changes;
drop function register.period_changes;
drop function register.period_as_json;

commit;
