begin;

select 1 / count(*) from register.kind where code = 'ratification';
select 1 / count(*) from register.verification where code = 'confirmed';
select 1 / count(*) from register.anomaly where code = 'day_unconfirmed';
select 1 / count(*) from register.vocabulary where vocabulary = 'statuses' and code = 'party';

rollback;
