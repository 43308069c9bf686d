begin;

select code, state, reference from register.anomalies_at('2000-01-01', now()) where false;

rollback;
