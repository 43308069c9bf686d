begin;

drop procedure service.schema_retire;
drop function service.schema_lock_shared;
drop function service.schema_supports;
drop function service.schema_version;
drop table service.schema_oldest;

commit;
