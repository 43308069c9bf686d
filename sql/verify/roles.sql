begin;

select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_owner';
select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_service' and rolcanlogin;
select 1 / count(*) from pg_catalog.pg_roles where rolname = 'ets144_admin' and rolcanlogin;
select pg_catalog.has_schema_privilege('ets144_service', 'register', 'usage');
select pg_catalog.has_schema_privilege('ets144_service', 'service', 'usage');
select 1 / (not exists (
           select
             from pg_catalog.pg_database as database
            cross join lateral pg_catalog.aclexplode(coalesce(
                      database.datacl, pg_catalog.acldefault('d', database.datdba))) as privilege
            where database.datname = current_database() and privilege.grantee = 0))::integer;

rollback;
