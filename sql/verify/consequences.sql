begin;

select state from register.status_changes('2000-01-01', now(), now()) where false;
select state from register.row_changes(now(), now()) where false;
select reference from register.effective_date_changes(now(), now()) where false;
select code from register.anomaly_changes('2000-01-01', now(), now()) where false;

rollback;
