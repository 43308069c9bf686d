begin;

drop function register.outlook_breaches;
drop function register.outlook_known;
drop function register.outlook_content;
drop table register.outlook_version;
drop table register.outlook_entry;
drop function register.uuid_v7;

commit;
