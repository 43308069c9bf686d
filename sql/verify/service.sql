begin;

select name, scopes from service.token_by_digest('') where false;
select name, used_at from service.token_list() where false;
select name, used_at from service.access_token_use where false;
select outcome from service.request_begin('', null, null, null) where false;
select author, key from service.request_key where false;
select number, issuer, subject from service.person where false;
select person, name from service.person_name where false;

rollback;
