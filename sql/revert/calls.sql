begin;

drop function register.call_breaches;
drop function register.calls_known;
drop function register.call_content;
drop table register.call_version;
drop table register.call;

commit;
