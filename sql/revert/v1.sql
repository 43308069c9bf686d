begin;

delete from service.schema_oldest;

commit;
