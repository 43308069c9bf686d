begin;

drop function register.utc_text;
drop function register.json_digest;
drop function register.canonical_json;

commit;
