begin;

drop function service.request_store_result;
drop function service.write_begin;
drop function service.request_claim;
drop table service.request_key;
drop function service.token_by_digest;
drop function service.token_revoke;
drop function service.token_list;
drop function service.token_create;
drop table service.access_token;

commit;
