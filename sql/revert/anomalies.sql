begin;

drop function register.anomalies_at;

commit;
