begin;

drop function register.anomaly_changes;
drop function register.effective_date_changes;
drop function register.status_changes;

commit;
