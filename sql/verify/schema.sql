begin;

select change from service.schema_oldest where false;
select 1 / count(service.schema_version());
select 1 / (not service.schema_supports('a change that nobody deployed'))::integer;

rollback;
