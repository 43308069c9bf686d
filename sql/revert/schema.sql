begin;

drop procedure service.schema_retire;
drop function service.schema_hold;
drop function service.schema_serves;
drop function service.schema_version;
drop table service.schema_oldest;

commit;
