begin;

drop function register.action_version_at(text, timestamptz);
drop table register.action_version;
drop table register.action;
drop table register.membership;
drop function register.state_code_of;
drop table register.state_version;
drop table register.state;

commit;
