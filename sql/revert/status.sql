begin;

drop function register.affects_status;
drop function register.state_status_at;
drop type register.state_status;
drop function register.members_at;

commit;
