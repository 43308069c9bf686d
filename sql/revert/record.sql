begin;

drop function register.action_version_at(text, timestamptz);
drop table register.action_version;
drop table register.action;
drop function register.memberships_at;
drop table register.membership_version;
drop table register.membership;
drop function register.state_code_of;
drop view register.named_state;
drop table register.state_version;
drop type register.used_name;
drop function register.day_range;
drop table register.state;

commit;
