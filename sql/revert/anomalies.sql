begin;

drop function register.anomalies_at;
drop table register.anomaly;

commit;
