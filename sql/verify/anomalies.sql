begin;

select 1 / count(*) from register.anomaly where code = 'day_unconfirmed';
select code, state, reference from register.anomalies_at('2000-01-01', now()) where false;

rollback;
