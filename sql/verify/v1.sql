begin;

select 1 / count(*) from service.schema_oldest where change ~ '^v[0-9]+$';

rollback;
