begin;

select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_owner';
select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_service' and rolcanlogin;
select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_admin' and rolcanlogin;
select pg_catalog.has_schema_privilege('ets144_service', 'register', 'usage');
select pg_catalog.has_schema_privilege('ets144_service', 'service', 'usage');

rollback;
