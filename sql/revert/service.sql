begin;

drop function service.import_record;
drop function service.outlook_void;
drop function service.outlook_correct;
drop function service.outlook_record;
drop function service.call_void;
drop function service.call_correct;
drop function service.call_record;
drop function service.action_void;
drop function service.action_correct;
drop function service.action_record;
drop function service.written;
drop function service.author;
drop function service.request_store_result;
drop function service.write_begin;
drop function service.request_begin;
drop function service.open_write;
drop table service.request_key;
drop function service.token_owns;
drop function service.token_by_digest;
drop function service.token_rotate;
drop function service.token_revoke;
drop function service.token_list;
drop function service.token_create;
drop table service.access_token;

commit;
