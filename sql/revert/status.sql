begin;

drop function register.status_at;
drop function register.state_status_at;
drop function register.members_at;

commit;
