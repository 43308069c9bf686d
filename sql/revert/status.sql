begin;

drop function register.status_at;
drop function register.members_at;

commit;
