begin;

drop procedure service.schema_retire;
drop function service.schema_use;
drop function service.schema_supports;
drop function service.schema_user;
drop function service.schema_version;
drop table service.schema_oldest;

commit;
